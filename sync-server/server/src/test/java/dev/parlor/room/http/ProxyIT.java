package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.config.Limits;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server behind a real nginx, which it trusts by its address 127.0.0.1. Clients connect from
 * several loopback addresses. The limits per address are small, so that tests can reach them.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProxyIT {
  private static final int CREATIONS_PER_MINUTE = 3;
  private static final int SOCKETS_PER_CLIENT = 2;

  private static final String IDENTITIES_PATH = "/api/identities";
  private static final String ROOMS_PATH = "/api/rooms";

  /** Headers that a client may send to fake its address, one example of each kind. */
  private static final List<String[]> SPOOFED_HEADERS =
      List.of(
          new String[] {},
          new String[] {"X-Forwarded-For", "192.0.2.66"},
          new String[] {"X-Forwarded-For", "192.0.2.67, 127.0.0.1"},
          new String[] {"X-Forwarded-For", "192.0.2.68", "X-Forwarded-For", "192.0.2.69"},
          new String[] {"X-Forwarded-For", "not an address"},
          new String[] {"X-Forwarded-For", "\"192.0.2.70"},
          new String[] {"x-forwarded-for", ""},
          new String[] {"Forwarded", "for=192.0.2.71"},
          new String[] {"Forwarded", "for=\"192.0.2.72"},
          new String[] {"Forwarded", "for=unknown"},
          new String[] {"Forwarded", "for=192.0.2.73", "X-Forwarded-For", "192.0.2.73"},
          new String[] {"X-Real-IP", "192.0.2.74"},
          new String[] {"True-Client-IP", "192.0.2.75", "CF-Connecting-IP", "192.0.2.75"},
          new String[] {"X-Client-IP", "192.0.2.76", "X-Forwarded", "for=192.0.2.76"},
          new String[] {"X-Forwarded-For", "192.0.2.77, ".repeat(300) + "192.0.2.77"});

  private static ServiceLimits limits() {
    var all = ServiceLimits.defaults();
    return all.with(
            new ServiceLimits.Access(
                all.access().ticketSeconds(),
                all.access().ticketsMax(),
                CREATIONS_PER_MINUTE,
                CREATIONS_PER_MINUTE))
        .with(
            new Limits.Traffic(
                all.relay().traffic().messagesPerSecondMax(),
                all.relay().traffic().bytesPerSecondMax(),
                SOCKETS_PER_CLIENT));
  }

  private static TestServer server(Path folder, String header) throws Exception {
    return TestServer.start(
        folder,
        PageFiles.in(folder),
        limits(),
        Map.of("PARLOR_TRUSTED_PROXIES", "127.0.0.1", "PARLOR_FORWARDED_HEADER", header));
  }

  /** The nginx sample of {@code docs/proxy} for a forwarded header. */
  private static String sample(String header) throws IOException {
    var samples = Nginx.samples();
    assertEquals(3, samples.size());
    if (header.equals("x-forwarded-for")) {
      return samples.getFirst();
    }
    var forwardedLine = "proxy_set_header Forwarded \"\";";
    assertTrue(samples.getFirst().contains(forwardedLine));
    return samples.get(1) + samples.getFirst().replace(forwardedLine, samples.get(2).strip());
  }

  private static int post(String from, int port, String path, String... headers)
      throws IOException {
    try (var http = new RawHttp(from, port)) {
      http.send("POST", path, "{}", headers);
      return http.response().status();
    }
  }

  /** Sends a request with each of the spoofed headers; all count for the limit of one address. */
  private static void assertSpoofedHeadersShareOneLimit(String from, int port, String path)
      throws IOException {
    var startNanos = System.nanoTime();
    var created = 0;
    for (var headers : SPOOFED_HEADERS) {
      var status = post(from, port, path, headers);
      assertTrue(status == 201 || status == 429, path + " " + List.of(headers) + " " + status);
      created += status == 201 ? 1 : 0;
    }
    assertOneLimit(created, startNanos);
  }

  /** Asserts that an address used its whole limit, and at most the refill since the start. */
  private static void assertOneLimit(int created, long startNanos) {
    var refilled =
        (System.nanoTime() - startNanos) * CREATIONS_PER_MINUTE / TimeUnit.MINUTES.toNanos(1);
    assertTrue(
        created >= CREATIONS_PER_MINUTE && created <= CREATIONS_PER_MINUTE + refilled,
        () -> created + " created with a refill of " + refilled);
  }

  private static void assertClientsAreCountedApart(String header, String sample, Path folder)
      throws Exception {
    try (var server = server(folder, header);
        var nginx =
            Nginx.start(Files.createDirectory(folder.resolve("n")), sample, server.port())) {
      for (var path : List.of(IDENTITIES_PATH, ROOMS_PATH)) {
        assertSpoofedHeadersShareOneLimit("127.0.0.2", nginx.port(), path);
        assertSpoofedHeadersShareOneLimit("127.0.0.3", nginx.port(), path);
        assertEquals(201, post("127.0.0.1", nginx.port(), path), path);
      }
    }
  }

  @Test
  @DisplayName("Behind nginx each client has its own limits, whatever headers the client sends")
  void clientsAreCountedApart(@TempDir Path folder) throws Exception {
    assertClientsAreCountedApart("x-forwarded-for", sample("x-forwarded-for"), folder);
  }

  @Test
  @DisplayName("Behind nginx that sets Forwarded, each client has its own limits")
  void clientsAreCountedApartByForwarded(@TempDir Path folder) throws Exception {
    assertClientsAreCountedApart("forwarded", sample("forwarded"), folder);
  }

  @Test
  @DisplayName(
      "Behind nginx that appends to the client's Forwarded, each client has its own limits")
  void clientsAreCountedApartByAppendedForwarded(@TempDir Path folder) throws Exception {
    var replaced = "proxy_set_header Forwarded $parlor_for;";
    var appended = "proxy_set_header Forwarded \"$http_forwarded, $parlor_for\";";
    var sample = sample("forwarded");
    assertTrue(sample.contains(replaced));
    assertClientsAreCountedApart("forwarded", sample.replace(replaced, appended), folder);
  }

  @Test
  @DisplayName("Headers from an address that is not a trusted proxy do not count")
  void untrustedSocketsAreCountedByTheirAddress(@TempDir Path folder) throws Exception {
    try (var server = server(folder, "x-forwarded-for")) {
      for (var path : List.of(IDENTITIES_PATH, ROOMS_PATH)) {
        assertSpoofedHeadersShareOneLimit("127.0.0.4", server.port(), path);
        var header = new String[] {"X-Forwarded-For", "127.0.0.4"};
        assertEquals(201, post("127.0.0.5", server.port(), path, header), path);
      }
    }
  }

  @Test
  @DisplayName("Without the setting for trusted proxies, no header counts from any address")
  void noProxyIsTrustedByDefault(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder, PageFiles.in(folder), limits(), Map.of())) {
      assertSpoofedHeadersShareOneLimit("127.0.0.1", server.port(), IDENTITIES_PATH);
    }
  }

  @Test
  @DisplayName("A trusted proxy's header without an address counts for the proxy itself")
  void headerWithoutAnAddressCountsForTheProxy(@TempDir Path folder) throws Exception {
    try (var server = server(folder, "x-forwarded-for")) {
      var startNanos = System.nanoTime();
      var created = 0;
      var valuesWithoutAddress =
          List.of("unknown", "_hidden", "nonsense", "192.0.2.256", "localhost", "[::1", "");
      for (var value : valuesWithoutAddress) {
        var header = new String[] {"X-Forwarded-For", value};
        created += post("127.0.0.1", server.port(), IDENTITIES_PATH, header) == 201 ? 1 : 0;
      }
      assertOneLimit(created, startNanos);
      for (var value : List.of("192.0.2.1:567", "[2001:db8::1]:5", "192.0.2.9, 127.0.0.1")) {
        var header = new String[] {"X-Forwarded-For", value};
        assertEquals(201, post("127.0.0.1", server.port(), IDENTITIES_PATH, header), value);
      }
    }
  }

  private static final String[] UPGRADE_HEADERS = {
    "Connection", "Upgrade",
    "Upgrade", "websocket",
    "Sec-WebSocket-Version", "13",
    "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="
  };

  /** Opens a WebSocket of the open relay; null if it is refused with 429. */
  private static @Nullable RawHttp socket(String from, int port, String... headers)
      throws IOException {
    var all = new ArrayList<>(List.of(UPGRADE_HEADERS));
    all.addAll(List.of(headers));
    var http = new RawHttp(from, port);
    http.send("GET", "/sync", all.toArray(String[]::new));
    var status = http.head().status();
    if (status == 101) {
      return http;
    }
    http.close();
    assertEquals(429, status);
    return null;
  }

  private static void socketsAreCountedByClient(int port) throws IOException {
    var open = new ArrayList<RawHttp>();
    try {
      for (var from : List.of("127.0.0.2", "127.0.0.3")) {
        for (var i = 0; i < SOCKETS_PER_CLIENT; i++) {
          var socket = socket(from, port);
          assertTrue(socket != null, from + " was refused below its limit");
          open.add(socket);
        }
        for (var headers : SPOOFED_HEADERS) {
          assertEquals(null, socket(from, port, headers), from + " " + List.of(headers));
        }
      }
    } finally {
      for (var socket : open) {
        socket.close();
      }
    }
  }

  @Test
  @DisplayName(
      "Behind nginx each client has its own limit of WebSockets, and closed ones no longer count")
  void socketsAreCountedApart(@TempDir Path folder) throws Exception {
    try (var server = server(folder, "x-forwarded-for");
        var nginx =
            Nginx.start(
                Files.createDirectory(folder.resolve("n")),
                sample("x-forwarded-for"),
                server.port())) {
      socketsAreCountedByClient(nginx.port());
      // All sockets are closed, so that soon each client can open one again.
      for (var from : List.of("127.0.0.2", "127.0.0.3")) {
        var reopened = socket(from, nginx.port());
        while (reopened == null) {
          reopened = socket(from, nginx.port());
        }
        reopened.close();
      }
    }
  }

  @Test
  @DisplayName("WebSockets from untrusted addresses are counted by their socket's address")
  void socketsOfUntrustedAddressesAreCountedApart(@TempDir Path folder) throws Exception {
    try (var server = server(folder, "x-forwarded-for")) {
      socketsAreCountedByClient(server.port());
    }
  }

  @Test
  @DisplayName("Behind nginx each client has its own limit of attempts at a room's secret")
  void secretAttemptsAreCountedApart(@TempDir Path folder) throws Exception {
    try (var server = server(folder, "x-forwarded-for");
        var nginx =
            Nginx.start(
                Files.createDirectory(folder.resolve("n")),
                sample("x-forwarded-for"),
                server.port())) {
      var bytes = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
      var created =
          server
              .http()
              .post(
                  ROOMS_PATH,
                  "{\"secret\":{\"salt\":\"%1$s\",\"iterations\":100000,\"storedKey\":\"%1$s\"}}"
                      .formatted(bytes));
      assertEquals(201, created.statusCode(), created.body());
      var room = new TestServer.RoomUnderTest(server.http(), HttpClientForTests.json(created));
      var credentials = room.withLink("player", server.person("Ada")).headers();
      var body = "{\"nonce\":\"x\",\"proof\":\"x\"}";
      for (var from : List.of("127.0.0.2", "127.0.0.3")) {
        var status = 0;
        var attempts = 0;
        while (status != 429) {
          try (var http = new RawHttp(from, nginx.port())) {
            http.send("POST", room.path("/secret"), body, credentials);
            status = http.response().status();
            attempts++;
          }
        }
        assertTrue(attempts > 10, from + " had " + attempts + " attempts");
      }
    }
  }

  @Test
  @DisplayName(
      "Through nginx the page, links, WebSockets, events and HEAD work, and its log has no secrets")
  void allEndpointsWorkThroughNginx(@TempDir Path folder) throws Exception {
    var files = Files.createDirectory(folder.resolve("n"));
    try (var server = server(folder, "x-forwarded-for");
        var nginx = Nginx.start(files, sample("x-forwarded-for"), server.port());
        var http = new HttpClientForTests(nginx.port())) {
      assertEquals(200, http.get("/").statusCode());
      var created = http.post(ROOMS_PATH, "{}");
      var room = new TestServer.RoomUnderTest(http, HttpClientForTests.json(created));
      var proxyUrl = "http://127.0.0.1:" + nginx.port();
      assertTrue(
          room.created().path("links").path("host").asText().startsWith(proxyUrl + "/r/"),
          created.body());
      var ada = room.join("host", server.person("Ada"));

      var url = HttpClientForTests.json(ada.post("/tickets", "{}")).path("url").asText();
      assertTrue(url.startsWith("ws://127.0.0.1:" + nginx.port() + "/sync/t/"), url);
      assertEquals(1007, closeCode(url, proxyUrl));
      assertEquals(403, upgradeStatus(nginx.port(), "Origin", "http://elsewhere.example"));

      var events = new RawHttp("127.0.0.2", nginx.port());
      try (events) {
        events.send("GET", room.path("/events"), ada.headers());
        assertEquals(200, events.head().status());
        assertEquals(201, ada.post("/chat", "{\"text\":\"through nginx\"}").statusCode());
        while (!events.line().contains("through nginx")) {}
      }

      for (var path : List.of("/health/live", "/health/ready", "/metrics", "/api/config")) {
        try (var head = new RawHttp("127.0.0.2", nginx.port())) {
          head.send("HEAD", path);
          assertEquals(200, head.head().status(), path);
          head.send("GET", "/health/live");
          assertEquals("{\"live\":true}", head.response().body());
        }
      }
      assertEquals(404, http.get("/api/admin/store").statusCode());
      assertEquals(200, server.http().get("/api/admin/store").statusCode());
      assertEquals(
          404, server.http().get("/api/admin/store", "X-Forwarded-For", "127.0.0.1").statusCode());

      var key = room.key("host");
      var ticket = url.substring(url.lastIndexOf('/') + 1);
      http.get(room.path("/events?ticket=" + ticket));
      http.get("/sync/k/" + room.slug() + "." + key);
      var log = awaitLog(files.resolve("access.log"), "GET /sync/k/***");
      assertTrue(log.contains("GET /sync/t/***") && log.contains("GET /sync/k/***"), log);
      assertFalse(log.contains(ticket) || log.contains(key), log);
    }
  }

  /** Reads a log of nginx until it has this text: nginx writes a line after it has answered. */
  private static String awaitLog(Path file, String text) throws IOException {
    var end = System.nanoTime() + 10_000_000_000L;
    var log = Files.readString(file);
    while (!log.contains(text) && System.nanoTime() - end < 0) {
      Thread.onSpinWait();
      log = Files.readString(file);
    }
    return log;
  }

  private static int upgradeStatus(int port, String... headers) throws IOException {
    try (var http = new RawHttp("127.0.0.2", port)) {
      var all = new ArrayList<>(List.of(UPGRADE_HEADERS));
      all.addAll(List.of(headers));
      http.send("GET", "/sync", all.toArray(String[]::new));
      return http.head().status();
    }
  }

  /** Sends an invalid frame on a WebSocket; returns the code with which the server closes it. */
  private static int closeCode(String url, String origin) throws Exception {
    var code = new CompletableFuture<Integer>();
    try (var client = HttpClient.newHttpClient()) {
      var socket =
          client
              .newWebSocketBuilder()
              .header("Origin", origin)
              .buildAsync(
                  URI.create(url),
                  new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onClose(
                        WebSocket closing, int status, String reason) {
                      code.complete(status);
                      return null;
                    }
                  })
              .get(30, TimeUnit.SECONDS);
      var _ = socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 0xFF}), true);
      return code.get(30, TimeUnit.SECONDS);
    }
  }
}
