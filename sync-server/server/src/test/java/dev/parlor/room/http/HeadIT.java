package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.http.TestServer.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * HEAD requests, and methods that a path does not support. Each connection is reused after a HEAD
 * request, so a body would be read as the next response and the test would fail.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HeadIT {
  /** Headers that may differ between the responses to GET and HEAD. */
  private static final Set<String> DIFFERENT_HEADERS =
      Set.of("date", "content-length", "connection");

  private static TestServer server;
  private static Member host;
  private static String[] credentials;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    host = server.room("A room").join("host", server.person("Ada"));
    assertEquals(201, host.post("/chat", "{\"text\":\"hello\"}").statusCode());
    credentials = host.headers();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static List<String> readablePaths() {
    var paths =
        new ArrayList<>(
            List.of(
                "/",
                "/r/anything",
                "/index.html",
                "/assets/index-4f3a.js",
                "/health/live",
                "/health/ready",
                "/metrics",
                "/api/config",
                "/api/health",
                "/api/admin/rooms",
                "/api/admin/store",
                "/api/admin/archive"));
    for (var subpath :
        List.of(
            "",
            "/links",
            "/invitations",
            "/export?as=json",
            "/export?as=markdown",
            "/export?as=automerge")) {
      paths.add(host.room().path(subpath));
    }
    return paths;
  }

  private static List<String> refusedPaths() {
    return List.of(
        "/nothing",
        "/api/nothing",
        "/api/admin/nothing",
        "/api/identities",
        "/api/rooms/nothing",
        host.room().path("/chat"),
        host.room().path("/results/nothing"),
        host.room().path("/export?as=nothing"));
  }

  @Test
  @DisplayName("HEAD of a path that supports GET has the same status and headers, and no body")
  void headEqualsGetWithoutABody() throws Exception {
    for (var path : readablePaths()) {
      var get = compare(path, credentials);
      assertEquals(200, get.status(), path);
    }
  }

  @Test
  @DisplayName("HEAD of a path that refuses GET has the same status and headers, and no body")
  void refusedHeadEqualsGetWithoutABody() throws Exception {
    for (var path : refusedPaths()) {
      var get = compare(path, credentials);
      assertTrue(get.status() >= 400, path + " " + get);
    }
    assertEquals(401, compare(host.room().path("")).status());
    assertEquals(421, compare("/", "Host", "evil.example").status());
    assertEquals(421, compare("/health/live", "Host", "evil.example").status());
    var etag = compare(host.room().path(""), credentials).head().header("etag");
    var unchanged = new ArrayList<>(List.of(credentials));
    unchanged.addAll(List.of("If-None-Match", etag));
    assertEquals(304, compare(host.room().path(""), unchanged.toArray(String[]::new)).status());
  }

  /**
   * Requests the path with GET and HEAD on one connection, and fails if status or headers differ.
   *
   * @return the response to GET
   */
  private static RawHttp.Response compare(String path, String... headers) throws IOException {
    try (var http = new RawHttp(server.port())) {
      http.send("GET", path, headers);
      var get = http.response();
      http.send("HEAD", path, headers);
      var head = http.head();
      assertEquals(get.status(), head.status(), path);
      assertEquals(comparable(get.head()), comparable(head), path);
      var length = head.header("content-length");
      if (!path.equals("/metrics") && get.status() != 304 && get.status() != 405) {
        assertEquals(get.head().header("content-length"), length, path);
      }
      http.send("GET", "/health/live");
      assertEquals("{\"live\":true}", http.response().body(), path);
      return get;
    }
  }

  private static Map<String, List<String>> comparable(RawHttp.Head head) {
    var headers = new TreeMap<>(head.headers());
    headers.keySet().removeAll(DIFFERENT_HEADERS);
    return headers;
  }

  @Test
  @DisplayName("HEAD requests that the server refuses before routing have no body")
  void headRefusedBeforeRoutingHasNoBody() throws Exception {
    for (var path : List.of("/%zz", "/sync", "/sync/k/a.b")) {
      assertNoBody(path);
    }
    assertNoBody("/", "Content-Length", "x");
    assertNoBody("/sync", "Connection", "Upgrade", "Upgrade", "websocket");
  }

  private static void assertNoBody(String path, String... headers) throws IOException {
    try (var http = new RawHttp(server.port())) {
      http.send("HEAD", path, headers);
      var head = http.head();
      assertTrue(head.status() >= 400 && head.status() < 500, path + " " + head);
      if (head.header("connection").equals("close")) {
        assertEquals(-1, http.in().read(), path);
      } else {
        http.send("GET", "/health/live");
        assertEquals("{\"live\":true}", http.response().body(), path);
      }
    }
  }

  @Test
  @DisplayName("HEAD of an event stream ends at once and leaves the ticket unused")
  void headOfEventsEndsAndKeepsTheTicket() throws Exception {
    var events = host.room().path("/events");
    try (var http = new RawHttp(server.port())) {
      http.send("HEAD", events, credentials);
      var head = http.head();
      assertEquals(200, head.status());
      assertEquals("text/event-stream; charset=utf-8", head.header("content-type"));
      assertEquals("no-store", head.header("cache-control"));
      assertEquals("no", head.header("x-accel-buffering"));
      http.send("HEAD", events);
      assertEquals(401, http.head().status());
      var ticketUrl = HttpClientForTests.json(host.post("/tickets", "{}")).path("url").asText();
      var ticket = ticketUrl.substring(ticketUrl.lastIndexOf('/') + 1);
      for (var i = 0; i < 2; i++) {
        http.send("HEAD", events + "?ticket=" + ticket);
        assertEquals(200, http.head().status());
      }
      http.send("HEAD", events + "?ticket=x" + ticket);
      assertEquals(401, http.head().status());
      http.send("GET", events + "?ticket=" + ticket);
      assertEquals(200, http.head().status());
    }
  }

  @Test
  @DisplayName("A method that a path does not support gets 405 and the supported methods")
  void unsupportedMethodNamesTheSupportedOnes() throws Exception {
    for (var path : readablePaths()) {
      assertMethodsRefused(path, "GET", "HEAD");
    }
    assertMethodsRefused(host.room().path("/events"), "GET", "HEAD");
    assertMethodsRefused("/api/identities", "POST");
  }

  private static void assertMethodsRefused(String path, String... allowed) throws IOException {
    for (var method : List.of("OPTIONS", "PATCH", "DELETE", "PUT")) {
      try (var http = new RawHttp(server.port())) {
        http.send(method, path, credentials);
        var response = http.response();
        assertEquals(405, response.status(), method + " " + path + " " + response);
        var names = List.of(response.head().header("allow").split(", ", -1));
        for (var name : allowed) {
          assertTrue(names.contains(name), method + " " + path + " " + names);
        }
        assertTrue(response.body().contains("urn:parlor:problem:method-not-allowed"), path);
      }
    }
  }
}
