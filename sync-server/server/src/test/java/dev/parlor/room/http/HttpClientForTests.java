package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** An HTTP client of a server under test. Every request has a timeout of 30 s. */
final class HttpClientForTests implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI base;
  final HttpClient client;

  HttpClientForTests(int port) {
    this.base = URI.create("http://127.0.0.1:" + port);
    this.client = builder().build();
  }

  /** Uses HTTPS and the trusted certificates of the context. */
  HttpClientForTests(int port, SSLContext tls) {
    this.base = URI.create("https://127.0.0.1:" + port);
    this.client = builder().sslContext(tls).build();
  }

  private static HttpClient.Builder builder() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(10));
  }

  /** A new JDK client with the same trusted certificates and connections of its own. */
  HttpClient newClient() {
    return builder().sslContext(client.sslContext()).build();
  }

  URI uri(String path) {
    return base.resolve(path);
  }

  /** Sends a request; headers are given as name, value, name, value. */
  HttpRequest.Builder request(String path, String... headers) {
    var request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30));
    return headers.length == 0 ? request : request.headers(headers);
  }

  HttpResponse<String> get(String path, String... headers) {
    return send(request(path, headers).GET().build());
  }

  HttpResponse<String> delete(String path, String... headers) {
    return send(request(path, headers).DELETE().build());
  }

  HttpResponse<String> post(String path, String json, String... headers) {
    var request = request(path, headers).POST(BodyPublishers.ofString(json));
    return send(request.header("Content-Type", "application/json").build());
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode json(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(response.body(), e);
    }
  }

  static void assertProblem(int status, String code, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response.body());
    assertEquals(
        "application/problem+json", response.headers().firstValue("Content-Type").orElse(""));
    var problem = json(response);
    assertEquals("urn:parlor:problem:" + code, problem.path("type").asText());
    assertEquals(status, problem.path("status").asInt());
    assertFalse(problem.path("detail").asText().isBlank());
    assertFalse(response.body().contains("dev.parlor"), "no class names in a problem");
  }

  /** Asserts that the response is a problem that names the invalid field. */
  static void assertField(int status, String field, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response.body());
    assertEquals(field, json(response).path("field").asText(), response.body());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
