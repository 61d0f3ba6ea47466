package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.limits.AppLimits;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpBadInputTest extends BadInputContract {
  private static final String LIST =
      "{\"type\":\"vibes.diy.req-list-recent-vibes\",\"auth\":{\"type\":\"clerk\",\"token\":\"good-ada\"}}";

  private final HttpClient client = HttpClient.newHttpClient();
  private int port;

  HttpBadInputTest() throws Exception {}

  @Override
  void open(int serverPort) {
    port = serverPort;
  }

  @Override
  void shut() {
    client.close();
  }

  @Override
  CompletableFuture<String> send(String message) {
    return client
        .sendAsync(
            request("/api").POST(BodyPublishers.ofString(message)).build(), BodyHandlers.ofString())
        .thenApply(HttpResponse::body);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> call(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"not json,400", "{},400"})
  @DisplayName("a refused message has the HTTP status of its code")
  void status(String message, int status) throws Exception {
    assertEquals(status, call(request("/api").POST(BodyPublishers.ofString(message))).statusCode());
  }

  @Test
  @DisplayName(
      "a payload without envelope has an answer without envelope, by POST and PUT on both paths")
  void bare() throws Exception {
    for (var path : new String[] {"/api", "/v1/ws"}) {
      for (var method : new String[] {"POST", "PUT"}) {
        var response = call(request(path).method(method, BodyPublishers.ofString(LIST)));
        assertEquals(200, response.statusCode());
        assertEquals(
            "vibes.diy.res-list-recent-vibes",
            new ObjectMapper().readTree(response.body()).path("type").asText());
      }
    }
  }

  @Test
  @DisplayName("a token in the Authorization header counts as auth type parlor")
  void bearer() throws Exception {
    var body = "{\"type\":\"vibes.diy.req-list-recent-vibes\"}";
    assertEquals(401, call(request("/api").POST(BodyPublishers.ofString(body))).statusCode());
    assertEquals(
        200,
        call(request("/api")
                .header("Authorization", "Bearer good-ada")
                .POST(BodyPublishers.ofString(body)))
            .statusCode());
  }

  @Test
  @DisplayName("other methods are refused with 503 on /api and with 405 on /v1/ws")
  void methods() throws Exception {
    assertEquals(503, call(request("/api").DELETE()).statusCode());
    assertEquals(503, call(request("/api").GET()).statusCode());
    assertEquals(405, call(request("/v1/ws").DELETE()).statusCode());
  }

  @Test
  @DisplayName("pages of an allowed origin may read answers, pages of others may not")
  void origins() throws Exception {
    var allowed = preflight("https://allowed.example");
    assertEquals(204, allowed.statusCode());
    assertEquals(
        Optional.of("https://allowed.example"),
        allowed.headers().firstValue("Access-Control-Allow-Origin"));
    assertTrue(allowed.headers().firstValue("Access-Control-Max-Age").isPresent());
    assertEquals(
        Optional.empty(),
        preflight("https://evil.example").headers().firstValue("Access-Control-Allow-Origin"));
  }

  private HttpResponse<String> preflight(String origin) throws Exception {
    return call(
        request("/api")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .method("OPTIONS", BodyPublishers.noBody()));
  }

  @Test
  @DisplayName("a body above 12 MiB is refused with 413")
  void largeBody() throws Exception {
    var body = new byte[AppLimits.MESSAGE_BYTES_MAX + 1];
    assertEquals(413, call(request("/api").POST(BodyPublishers.ofByteArray(body))).statusCode());
  }
}
