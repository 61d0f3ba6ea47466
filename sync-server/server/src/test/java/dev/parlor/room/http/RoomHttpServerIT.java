package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules for all responses: security headers, problem details, limits, caching of the page. */
class RoomHttpServerIT {
  private static final Pattern LENGTH =
      Pattern.compile("^Content-Length: (\\d+)", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

  private static TestServer server;
  private static HttpClientForTests http;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    http = server.http();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @DisplayName("an unknown path gets 404 with problem details")
  @Test
  void unknownPathsAreProblems() {
    assertProblem(404, "not-found", http.get("/nothing"));
    assertProblem(404, "not-found", http.get("/api/nothing"));
    assertProblem(404, "not-found", http.post("/api/nothing", "{}"));
    assertProblem(404, "not-found", http.get("/assets/"));
    assertProblem(404, "not-found", http.get("/assets"));
  }

  @DisplayName("an unsupported method gets 405 and the supported methods")
  @Test
  void unsupportedMethodNamesTheSupportedOnes() {
    var response = http.get("/api/identities");
    assertProblem(405, "method-not-allowed", response);
    assertEquals("POST", header(response, "Allow"));
    assertProblem(
        405,
        "method-not-allowed",
        http.send(http.request("/api/health").method("DELETE", BodyPublishers.noBody()).build()));
  }

  @DisplayName("every response has the security headers")
  @Test
  void everyResponseHasTheSecurityHeaders() {
    for (var path : List.of("/", "/api/health", "/nothing", "/assets/index-4f3a.js")) {
      var response = http.get(path);
      var csp = header(response, "Content-Security-Policy");
      assertTrue(csp.contains("default-src 'self'"), csp);
      assertTrue(csp.contains("script-src 'self' 'wasm-unsafe-eval';"), csp);
      assertTrue(csp.contains("frame-ancestors 'none'"), csp);
      assertTrue(csp.contains("frame-src 'self' http://*.localhost:" + server.port() + ";"), csp);
      assertTrue(csp.contains("ws://127.0.0.1:" + server.port()), csp);
      assertEquals("nosniff", header(response, "X-Content-Type-Options"), path);
      assertEquals("no-referrer", header(response, "Referrer-Policy"), path);
      assertEquals("", header(response, "Access-Control-Allow-Origin"), path);
    }
    var preflight =
        http.send(
            http.request("/api/identities", "Access-Control-Request-Method", "POST")
                .method("OPTIONS", BodyPublishers.noBody())
                .build());
    assertProblem(405, "method-not-allowed", preflight);
    assertEquals("", header(preflight, "Access-Control-Allow-Origin"));
  }

  /** Sends a request on a plain socket, since the JDK's client cannot set the Host header. */
  private String raw(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      var in = socket.getInputStream();
      var head = new StringBuilder();
      for (var b = in.read(); b >= 0; b = in.read()) {
        head.append((char) b);
        if (head.toString().endsWith("\r\n\r\n")) {
          break;
        }
      }
      var length = LENGTH.matcher(head);
      var body = length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : new byte[0];
      return head + new String(body, StandardCharsets.UTF_8);
    }
  }

  private String rawGet(String path, String host) throws IOException {
    return raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }

  @DisplayName("a request whose Host header is not a name of the server is refused")
  @Test
  void unknownHostIsRefused() throws IOException {
    for (var path : List.of("/", "/api/health")) {
      var refused = rawGet(path, "evil.example:" + server.port());
      assertTrue(refused.startsWith("HTTP/1.1 421 "), refused);
      assertTrue(refused.contains("urn:parlor:problem:wrong-host"), refused);
      assertTrue(rawGet(path, "localhost:" + server.port()).startsWith("HTTP/1.1 200 "));
    }
  }

  @DisplayName("a malformed request gets a 4xx status without internals; later requests are served")
  @Test
  void malformedRequestIsAProblemAndOthersAreServed() throws IOException {
    for (var malformed :
        List.of(
            "GET\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHo st: localhost\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(100_000) + "\r\n\r\n")) {
      var response = raw(malformed);
      assertTrue(response.startsWith("HTTP/1.1 4") || response.isEmpty(), response);
      assertFalse(response.contains("Exception"), response);
    }
    assertEquals(200, http.get("/api/health").statusCode());
  }

  @DisplayName("a path cannot leave the folder of the page")
  @Test
  void pathsDoNotLeaveThePageFolder() throws IOException {
    for (var path :
        List.of(
            "/../secret.txt",
            "/assets/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/assets/%2e%2e/%2e%2e/secret.txt",
            "//secret.txt")) {
      var response = rawGet(path, "localhost");
      assertFalse(response.contains("not for the web"), path);
      assertTrue(response.startsWith("HTTP/1.1 4"), path + " " + response);
    }
  }

  @DisplayName("the page is served at / and below /r/, and clients must revalidate it")
  @Test
  void pageIsServedForItsPathsAndRevalidated() {
    for (var path : List.of("/", "/r/abc", "/r/abc/deeper")) {
      var page = http.get(path);
      assertEquals(200, page.statusCode());
      assertEquals(PageFiles.INDEX, page.body());
      assertEquals("no-cache", header(page, "Cache-Control"));
      assertEquals("text/html; charset=utf-8", header(page, "Content-Type"));
      var revalidated = http.get(path, "If-None-Match", header(page, "ETag"));
      assertEquals(304, revalidated.statusCode());
      assertEquals("", revalidated.body());
    }
    assertEquals("no-cache", header(http.get("/sw.js"), "Cache-Control"));
    var manifest = http.get("/manifest.webmanifest");
    assertEquals("no-cache", header(manifest, "Cache-Control"));
    assertEquals("application/manifest+json", header(manifest, "Content-Type"));
  }

  @DisplayName("assets are immutable and compressed by gzip or Brotli")
  @Test
  void assetsAreImmutableAndCompressed() throws Exception {
    var path = "/assets/index-4f3a.js";
    var plain = http.get(path);
    assertEquals(PageFiles.SCRIPT, plain.body());
    assertEquals("public, max-age=31536000, immutable", header(plain, "Cache-Control"));
    assertEquals("Accept-Encoding", header(plain, "Vary"));
    assertEquals("text/javascript; charset=utf-8", header(plain, "Content-Type"));
    assertEquals("", header(plain, "Content-Encoding"));

    var brotli = http.get(path, "Accept-Encoding", "gzip, deflate, br, zstd");
    assertEquals("br", header(brotli, "Content-Encoding"));
    assertEquals("stands for brotli", brotli.body());

    var gzip =
        http.client.send(
            http.request(path, "Accept-Encoding", "gzip, br;q=0").GET().build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertEquals("gzip", header(gzip, "Content-Encoding"));
    try (var in = new java.util.zip.GZIPInputStream(gzip.body())) {
      assertEquals(PageFiles.SCRIPT, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }

    var head = http.send(http.request(path).method("HEAD", BodyPublishers.noBody()).build());
    assertEquals(200, head.statusCode());
    assertEquals("public, max-age=31536000, immutable", header(head, "Cache-Control"));
    assertEquals(
        PageFiles.SCRIPT.length(), head.headers().firstValueAsLong("Content-Length").orElse(-1));
    assertEquals("", head.body());
  }

  @DisplayName("a server without a built page answers / with the command that builds it")
  @Test
  void missingPageSaysHowToBuildIt(@TempDir Path empty) throws Exception {
    try (var serverWithoutPage =
        TestServer.start(empty, PageFiles.of(empty), ServiceLimits.defaults())) {
      var page = serverWithoutPage.http().get("/");
      assertEquals(200, page.statusCode());
      assertTrue(page.body().contains("npm run build"), page.body());
      assertEquals("no-store", header(page, "Cache-Control"));
    }
  }

  @DisplayName("/api/health lists every component")
  @Test
  void healthListsEveryComponent() {
    assertEquals(200, http.get("/health/live").statusCode());
    assertEquals(200, http.get("/health/ready").statusCode());
    var parts = json(http.get("/api/health")).path("parts");
    assertTrue(parts.path("page").path("well").asBoolean());
    for (var part : List.of("store", "relay", "model")) {
      assertTrue(parts.path(part).path("well").asBoolean(), part);
    }
    var metrics = http.get("/metrics").body();
    assertTrue(metrics.contains("parlor_http_seconds_count{route=\"/api/health\""), metrics);
  }

  @DisplayName("/api/config has the server's ids, limits and model")
  @Test
  void configHasIdsLimitsAndModel() {
    var config = json(http.get("/api/config"));
    assertEquals("/sync", config.path("syncPath").asText());
    var storageId = config.path("storageId").asText();
    assertTrue(storageId.matches("[0-9a-f-]{36}"), storageId);
    assertEquals("parlor-" + storageId, config.path("peerId").asText());
    assertTrue(config.path("model").path("rehearsal").asBoolean());
    assertEquals(80, config.path("limits").path("nameLengthMax").asInt());
  }

  @DisplayName("requests with the same Idempotency-Key create one identity")
  @Test
  void identityIsCreatedOncePerIdempotencyKey() {
    var first = http.post("/api/identities", "{\"name\":\"Ada\"}");
    assertEquals(201, first.statusCode());
    assertTrue(json(first).path("identity").asText().startsWith("id_"));
    assertEquals("no-store", header(first, "Cache-Control"));

    var key = "0198c0de-0000-7000-8000-000000000001";
    var firstReply = http.post("/api/identities", "{}", "Idempotency-Key", key);
    var secondReply = http.post("/api/identities", "{}", "Idempotency-Key", key);
    assertEquals(firstReply.body(), secondReply.body());
    assertEquals(201, secondReply.statusCode());
    assertProblem(
        422,
        "idempotency-key-reused",
        http.post("/api/identities", "{\"name\":\"Bo\"}", "Idempotency-Key", key));
    assertProblem(
        400, "invalid-field", http.post("/api/identities", "{}", "Idempotency-Key", "short"));
  }

  @DisplayName("an invalid body is refused, with the name of the invalid field if there is one")
  @Test
  void invalidBodyIsRefusedWithItsField() {
    var unknown = http.post("/api/identities", "{\"nmae\":\"Ada\"}");
    assertProblem(400, "unknown-field", unknown);
    assertEquals("nmae", json(unknown).path("field").asText());
    var long81 = http.post("/api/identities", "{\"name\":\"" + "x".repeat(81) + "\"}");
    assertProblem(400, "invalid-field", long81);
    assertEquals("name", json(long81).path("field").asText());
    assertProblem(400, "not-json", http.post("/api/identities", "{"));
    assertProblem(400, "not-an-object", http.post("/api/identities", "[]"));
    var form =
        http.send(
            http.request("/api/identities", "Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}"))
                .build());
    assertProblem(415, "not-json", form);
    var latin1 =
        http.send(
            http.request("/api/identities", "Content-Type", "application/json; charset=latin1")
                .POST(BodyPublishers.ofString("{}"))
                .build());
    assertProblem(415, "not-utf8", latin1);
  }

  @DisplayName("the server closes the connection after a request with Connection: close")
  @Test
  void connectionClosesOnRequest() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      var request =
          "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:"
              + server.port()
              + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    }
  }

  @DisplayName("a body above the limit is refused, with or without a Content-Length")
  @Test
  void bodyAboveTheLimitIsRefused() {
    var limit = ServiceLimits.defaults().http().bodyBytesMax();
    var tooLarge = "x".repeat(limit + 1);
    assertProblem(413, "body-too-large", http.post("/api/identities", tooLarge));
    var chunked =
        http.request("/api/identities", "Content-Type", "application/json")
            .POST(
                BodyPublishers.ofInputStream(
                    () ->
                        new java.io.ByteArrayInputStream(
                            tooLarge.getBytes(StandardCharsets.UTF_8))))
            .build();
    assertProblem(413, "body-too-large", http.send(chunked));
    assertEquals(200, http.get("/api/health").statusCode());
  }

  @DisplayName("an address that creates more identities a minute than the limit gets 429")
  @Test
  void identitiesPerAddressAreLimited(@TempDir Path folder) throws Exception {
    var limits = ServiceLimits.defaults();
    var access = limits.access();
    var fewIdentities =
        limits.with(
            new ServiceLimits.Access(
                access.ticketSeconds(), access.ticketsMax(), access.roomsPerMinuteMax(), 3));
    try (var limitedServer = TestServer.start(folder, PageFiles.of(folder), fewIdentities)) {
      for (var i = 0; i < 3; i++) {
        assertEquals(201, limitedServer.http().post("/api/identities", "{}").statusCode());
      }
      var refused = limitedServer.http().post("/api/identities", "{}");
      assertProblem(429, "too-many-requests", refused);
      assertEquals("20", header(refused, "Retry-After"));
    }
  }
}
