package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests of HTTP/1.0, and of clients that read until the server closes the connection. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class OldHttpIT {
  private static final String READY = "\"ready\":true";

  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder, PageFiles.in(folder), ServiceLimits.defaults(), Map.of());
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  /** Sends the parts one after the other and reads until the server closes the connection. */
  private static String untilClosed(String... parts) throws IOException {
    try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port())) {
      socket.setTcpNoDelay(true);
      // An idle connection is closed after 5 minutes, so a server that does not close fails here.
      socket.setSoTimeout(20_000);
      for (var part : parts) {
        socket.getOutputStream().write(part.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      }
      return text(socket.getInputStream());
    }
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void assertAnswer(int status, String bodyPart, String response) {
    assertTrue(response.startsWith("HTTP/1.1 " + status), response);
    assertTrue(response.contains(bodyPart), response);
    assertEquals(1, response.split("HTTP/1\\.1 ", -1).length - 1, response);
  }

  /** The head of a request: its first line and its headers. */
  private static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  private static final String HOST = "Host: localhost";
  private static final String CLOSE = "Connection: close";
  private static final String JSON = "Content-Type: application/json";

  @Test
  @DisplayName("After a request with Connection: close the server closes the connection")
  void connectionCloseIsObeyed() throws IOException {
    for (var value : List.of("close", "Close", "keep-alive, close")) {
      assertAnswer(
          200,
          READY,
          untilClosed(head("GET /health/ready HTTP/1.1", HOST, "Connection: " + value)));
    }
    assertAnswer(
        404,
        "nothing at this URL",
        untilClosed(head("POST /nowhere HTTP/1.1", HOST, CLOSE, "Content-Length: 9"), "unread by"));
    assertAnswer(
        201,
        "\"slug\"",
        untilClosed(
            head("POST /api/rooms HTTP/1.1", HOST, CLOSE, JSON, "Content-Length: 2"), "{}"));
  }

  @Test
  @DisplayName("A request of HTTP/1.0 is answered and the connection closed, also in small parts")
  void http10IsAnswered() throws IOException {
    assertAnswer(200, READY, untilClosed(head("GET /health/ready HTTP/1.0", HOST)));
    assertAnswer(
        200,
        READY,
        untilClosed("GET /hea", "lth/ready HTTP", "/1.0\r", "\nHost: local", "host\r\n\r", "\n"));
    assertAnswer(
        201,
        "\"slug\"",
        untilClosed(
            head(
                "POST /api/rooms HTTP/1.0",
                HOST,
                "Connection: keep-alive",
                JSON,
                "Content-Length: 2"),
            "{}"));
    assertAnswer(
        404,
        "",
        untilClosed(
            head(
                "GET /sync HTTP/1.0",
                HOST,
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")));
  }

  @Test
  @DisplayName("A request of HTTP/1.0 without Host, and one of an unknown version, get an error")
  void malformedRequestsGetAnError() throws IOException {
    assertAnswer(400, "", untilClosed(head("GET /health/ready HTTP/1.0")));
    var unknown = untilClosed(head("GET /health/ready HTTP/3.7", HOST));
    assertTrue(unknown.startsWith("HTTP/1.1 4") || unknown.startsWith("HTTP/1.1 505"), unknown);
  }

  @Test
  @DisplayName("Without Connection: close a connection of HTTP/1.1 serves further requests")
  void connectionsStayOpen() throws IOException {
    try (var http = new RawHttp(server.port())) {
      for (var i = 0; i < 3; i++) {
        http.send("GET", "/health/live");
        assertEquals(200, http.response().status());
      }
    }
  }
}
