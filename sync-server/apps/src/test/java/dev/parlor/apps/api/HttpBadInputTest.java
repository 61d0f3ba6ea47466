package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.limits.AppLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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

  @Test
  @DisplayName("A page with the origin null may read answers only if the request carries a token")
  void nullNeedsAToken() throws Exception {
    var header = "Access-Control-Allow-Origin";
    assertEquals(Optional.empty(), preflight("null").headers().firstValue(header));
    var withToken =
        call(
            request("/api")
                .header("Origin", "null")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "content-type, Authorization")
                .method("OPTIONS", BodyPublishers.noBody()));
    assertEquals(Optional.of("null"), withToken.headers().firstValue(header));
    for (var token : List.of("", "Bearer some-token")) {
      var post = request("/api").header("Origin", "null");
      var sent = token.isEmpty() ? post : post.header("Authorization", token);
      var answer = call(sent.POST(BodyPublishers.ofString("{}")));
      assertEquals(
          token.isEmpty() ? Optional.empty() : Optional.of("null"),
          answer.headers().firstValue(header),
          token);
    }
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

  @Test
  @DisplayName(
      "bodies of more than 128 MiB at once are refused with 429 before their user is known, and small requests are served")
  void manyLargeBodies() throws Exception {
    var statuses = new LinkedBlockingQueue<String>();
    var sockets = new ArrayList<Socket>();
    try {
      var fitting = AppLimits.BODIES_BYTES_MAX / AppLimits.MESSAGE_BYTES_MAX;
      for (var i = 0; i <= fitting; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(socket);
        var head =
            "POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + AppLimits.MESSAGE_BYTES_MAX
                + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        Thread.startVirtualThread(() -> statuses.add(statusLine(socket)));
      }
      // All but one wait for their body.
      assertEquals("HTTP/1.1 429 Too Many Requests", statuses.poll(30, TimeUnit.SECONDS));
      assertEquals(200, call(request("/api").POST(BodyPublishers.ofString(LIST))).statusCode());
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
    var large = " ".repeat(AppLimits.MESSAGE_BYTES_MAX - LIST.length()) + LIST;
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    var status = 429;
    while (status == 429 && System.nanoTime() - end < 0) {
      status = call(request("/api").POST(BodyPublishers.ofString(large))).statusCode();
    }
    assertEquals(200, status, "closed connections free their places");
  }

  private static String statusLine(Socket socket) {
    try {
      return String.valueOf(
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine());
    } catch (IOException e) {
      return "closed";
    }
  }

  @Test
  @DisplayName("while the server's memory is full, a request is refused with 503")
  void fullMemory() throws Exception {
    server.memoryIsFull.set(true);
    var refused = call(request("/api").POST(BodyPublishers.ofString(LIST)));
    assertEquals(503, refused.statusCode());
    assertTrue(refused.body().contains("unavailable"), refused.body());
    server.memoryIsFull.set(false);
    assertEquals(200, call(request("/api").POST(BodyPublishers.ofString(LIST))).statusCode());
  }
}
