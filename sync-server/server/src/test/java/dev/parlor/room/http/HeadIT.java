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
 * HEAD requests, and methods that a path does not support. Each connection is reused after HEAD: a
 * body would be read as the next response and fail the test.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HeadIT {
  /** Headers that may differ between two responses or that concern the connection. */
  private static final Set<String> OTHERWISE = Set.of("date", "content-length", "connection");

  private static TestServer server;
  private static Member host;
  private static String[] proofs;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    host = server.room("A room").join("host", server.person("Ada"));
    assertEquals(201, host.post("/chat", "{\"text\":\"hello\"}").statusCode());
    proofs = host.headers();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static List<String> readable() {
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
    for (var rest :
        List.of(
            "",
            "/links",
            "/invitations",
            "/export?as=json",
            "/export?as=markdown",
            "/export?as=automerge")) {
      paths.add(host.room().path(rest));
    }
    return paths;
  }

  private static List<String> refused() {
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
  @DisplayName("HEAD has the status and headers of GET on every path, and no body")
  void headIsGetWithoutItsBody() throws Exception {
    for (var path : readable()) {
      var got = compare(path, proofs);
      assertEquals(200, got.status(), path);
    }
  }

  @Test
  @DisplayName("HEAD of a path that refuses GET has the same status and headers, and no body")
  void refusalsHaveNoBodyEither() throws Exception {
    for (var path : refused()) {
      var got = compare(path, proofs);
      assertTrue(got.status() >= 400, path + " " + got);
    }
    assertEquals(401, compare(host.room().path("")).status());
    assertEquals(421, compare("/", "Host", "evil.example").status());
    assertEquals(421, compare("/health/live", "Host", "evil.example").status());
    var etag = compare(host.room().path(""), proofs).head().header("etag");
    var unchanged = new ArrayList<>(List.of(proofs));
    unchanged.addAll(List.of("If-None-Match", etag));
    assertEquals(304, compare(host.room().path(""), unchanged.toArray(String[]::new)).status());
  }

  /** Requests the path with GET, HEAD and GET on one connection and fails on any difference. */
  private static RawHttp.Response compare(String path, String... headers) throws IOException {
    try (var http = new RawHttp(server.port())) {
      http.send("GET", path, headers);
      var got = http.response();
      http.send("HEAD", path, headers);
      var head = http.head();
      assertEquals(got.status(), head.status(), path);
      assertEquals(comparable(got.head()), comparable(head), path);
      var length = head.header("content-length");
      if (!path.equals("/metrics") && got.status() != 304 && got.status() != 405) {
        assertEquals(got.head().header("content-length"), length, path);
      }
      http.send("GET", "/health/live");
      assertEquals("{\"live\":true}", http.response().body(), path);
      return got;
    }
  }

  private static Map<String, List<String>> comparable(RawHttp.Head head) {
    var headers = new TreeMap<>(head.headers());
    headers.keySet().removeAll(OTHERWISE);
    return headers;
  }

  @Test
  @DisplayName("HEAD requests that the server refuses before routing have no body")
  void headOfRubbishHasNoBody() throws Exception {
    for (var path : List.of("/%zz", "/sync", "/sync/k/a.b")) {
      hasNoBody(path);
    }
    hasNoBody("/", "Content-Length", "x");
    hasNoBody("/sync", "Connection", "Upgrade", "Upgrade", "websocket");
  }

  private static void hasNoBody(String path, String... headers) throws IOException {
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
  void headOfEventsEnds() throws Exception {
    var events = host.room().path("/events");
    try (var http = new RawHttp(server.port())) {
      http.send("HEAD", events, proofs);
      var head = http.head();
      assertEquals(200, head.status());
      assertEquals("text/event-stream; charset=utf-8", head.header("content-type"));
      assertEquals("no-store", head.header("cache-control"));
      assertEquals("no", head.header("x-accel-buffering"));
      http.send("HEAD", events);
      assertEquals(401, http.head().status());
      var bought = HttpClientForTests.json(host.post("/tickets", "{}")).path("url").asText();
      var ticket = bought.substring(bought.lastIndexOf('/') + 1);
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
  @DisplayName("A method that a path does not support is a 405 that names the supported methods")
  void otherMethodsNameThePossible() throws Exception {
    for (var path : readable()) {
      if (!path.equals("/api/rooms")) {
        refuses(path, "GET", "HEAD");
      }
    }
    refuses(host.room().path("/events"), "GET", "HEAD");
    refuses("/api/identities", "POST");
  }

  private static void refuses(String path, String... allowed) throws IOException {
    for (var method : List.of("OPTIONS", "PATCH", "DELETE", "PUT")) {
      try (var http = new RawHttp(server.port())) {
        http.send(method, path, proofs);
        var response = http.response();
        assertEquals(405, response.status(), method + " " + path + " " + response);
        var names = List.of(response.head().header("allow").split(", ", -1));
        for (var one : allowed) {
          assertTrue(names.contains(one), method + " " + path + " " + names);
        }
        assertTrue(response.body().contains("urn:parlor:problem:method-not-allowed"), path);
      }
    }
  }
}
