package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The server behind the real nginx, HAProxy and Caddy of this machine, each with its sample of
 * {@code docs/proxy}.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ProxiesIT {

  /** The changes to a sample for a server below {@code /parlor}, as the page lists them. */
  enum Kind {
    NGINX("nginx.conf", "location / {", "location /parlor/ {"),
    HAPROXY("haproxy.cfg", "default_backend parlor", "use_backend parlor if { path_beg /parlor/ }"),
    CADDY(
        "Caddyfile", "reverse_proxy 127.0.0.1:8787 {", "reverse_proxy /parlor/* 127.0.0.1:8787 {");

    final String file;
    final String atRoot;
    final String belowPath;

    Kind(String file, String atRoot, String belowPath) {
      this.file = file;
      this.atRoot = atRoot;
      this.belowPath = belowPath;
    }

    RunningProxy start(Path folder, String sample, int serverPort) throws Exception {
      Files.createDirectories(folder);
      return switch (this) {
        case NGINX -> Nginx.start(folder, sample, serverPort);
        case HAPROXY ->
            Proxy.start(
                Proxy.Program.HAPROXY,
                folder,
                sample,
                List.of("bind :80", "bind 127.0.0.1:%d"),
                serverPort);
        case CADDY ->
            Proxy.start(
                Proxy.Program.CADDY,
                folder,
                "{\n\tadmin off\n\tgrace_period 1s\n}\n" + sample,
                List.of("parlor.example {", "http://127.0.0.1:%d {"),
                serverPort);
      };
    }
  }

  private static TestServer server(Path folder, int port) throws Exception {
    return TestServer.start(folder, Map.of("PARLOR_TRUSTED_PROXIES", "127.0.0.1"), port);
  }

  private static int freePort() throws IOException {
    try (var free = new java.net.ServerSocket(0, 1, java.net.InetAddress.ofLiteral("127.0.0.1"))) {
      return free.getLocalPort();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "Behind each proxy: page, WebSockets, events, long polls, large bodies and a restart")
  void allTrafficPasses(Kind kind, @TempDir Path folder) throws Exception {
    var port = freePort();
    var files = folder.resolve("proxy");
    var server = server(folder, port);
    try (var proxy = kind.start(files, Proxy.sample(kind.file), port);
        var http = new HttpClientForTests(proxy.port())) {
      assertEquals(200, http.get("/").statusCode());
      var room =
          new TestServer.RoomUnderTest(
              http, HttpClientForTests.json(http.post("/api/rooms", "{\"title\":\"Through\"}")));
      var ada = room.join("host", server.person("Ada"));
      socketsAndEventsPass(proxy.port(), ada);
      longPollPasses(ada);
      largeBodyPasses(http);
      server.close();
      var down =
          http.client.sendAsync(
              http.request("/health/ready").build(), HttpResponse.BodyHandlers.ofString());
      server = server(folder, port);
      assertAnsweredAfterRestart(http, down.get(60, TimeUnit.SECONDS));
      socketsAndEventsPass(proxy.port(), ada);
      assertNoSecrets(files, room.key("host"));
    } finally {
      server.close();
    }
  }

  /** A proxy may hold a request until the server is back, or answer with an error of its own. */
  private static void assertAnsweredAfterRestart(
      HttpClientForTests http, HttpResponse<String> during) {
    assertTrue(
        List.of(200, 502, 503, 504).contains(during.statusCode()), () -> during + during.body());
    var status = http.get("/health/ready").statusCode();
    // nginx counts a failed server as unavailable for up to 10 s only if there is another one.
    assertEquals(200, status);
  }

  private static void socketsAndEventsPass(int port, TestServer.Member member) throws Exception {
    try (var events = EventsIT.Client.open(member);
        var program = ProgramClient.open(port, member.room().path("/json"), member.headers())) {
      program.await("the state", message -> ProgramClient.type(message).equals("state_sync"));
      program.done("chat", ",\"text\":\"through the proxy\"");
      var said = events.next();
      while (!said.data().toString().contains("through the proxy")) {
        said = events.next();
      }
    }
  }

  private static void longPollPasses(TestServer.Member member) {
    var asked = member.post("/generate", "{\"query\":\"Write a haiku\"}");
    assertEquals(202, asked.statusCode(), asked.body());
    var request = HttpClientForTests.json(asked).path("request").asText();
    var result = member.get("/results/" + request + "?wait=30");
    assertEquals(200, result.statusCode(), result.body());
    assertEquals("done", HttpClientForTests.json(result).path("status").asText(), result.body());
  }

  /** The server, and not the proxy, refuses a message of the largest size with its own sentence. */
  private static void largeBodyPasses(HttpClientForTests http) {
    var answer = http.post("/api", " ".repeat(12 << 20));
    assertTrue(answer.body().contains("vibes.diy."), () -> answer + answer.body());
  }

  private static void assertNoSecrets(Path files, String key) throws IOException {
    try (var all = Files.walk(files)) {
      for (var file : all.filter(Files::isRegularFile).toList()) {
        assertFalse(Files.readString(file).contains(key), file.toString());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Behind each proxy below /parlor: the page, links and WebSockets, and clients apart")
  void serverBelowAPath(Kind kind, @TempDir Path folder) throws Exception {
    var page = Proxy.sample("README.md");
    assertTrue(page.contains("`" + kind.belowPath + "`"), kind.belowPath);
    var sample = Proxy.replaced(Proxy.sample(kind.file), kind.atRoot, kind.belowPath);
    var one = new ServiceLimits.Access(60, 100, 1, 1);
    try (var server =
            TestServer.start(
                folder,
                PageFiles.in(folder),
                ServiceLimits.defaults().with(one),
                Map.of("PARLOR_TRUSTED_PROXIES", "127.0.0.1", "PARLOR_BASE_PATH", "/parlor"));
        var proxy = kind.start(folder.resolve("proxy"), sample, server.port());
        var http = new HttpClientForTests(proxy.port())) {
      assertEquals(200, http.get("/parlor/").statusCode());
      assertEquals(200, http.get("/parlor/r/a-room").statusCode());
      assertTrue(http.get("/api/health").statusCode() >= 400 || kind == Kind.CADDY);
      var created = http.post("/parlor/api/rooms", "{}");
      var json = HttpClientForTests.json(created);
      var slug = json.path("slug").asText();
      assertEquals(
          "/parlor/api/rooms/" + slug, created.headers().firstValue("Location").orElse(""));
      var url = "127.0.0.1:" + proxy.port() + "/parlor/";
      assertTrue(
          json.path("links").path("player").asText().startsWith("http://" + url + "r/" + slug),
          created.body());
      var key = new TestServer.RoomUnderTest(http, json).key("player");
      try (var program =
          ProgramClient.open(
              proxy.port(), "/parlor/api/rooms/" + slug + "/json", "Parlor-Key", key)) {
        program.await("the state", message -> ProgramClient.type(message).equals("state_sync"));
      }
      clientsAreCountedApart(proxy.port(), "/parlor/api/identities");
    }
  }

  /** Each client may make one identity a minute, and cannot pretend to be another client. */
  private static void clientsAreCountedApart(int port, String path) throws IOException {
    for (var from : List.of("127.0.0.2", "127.0.0.3")) {
      assertEquals(201, create(from, port, path));
      assertEquals(429, create(from, port, path, "X-Forwarded-For", "192.0.2.1"));
      assertEquals(429, create(from, port, path, "Forwarded", "for=192.0.2.1"));
    }
  }

  private static int create(String from, int port, String path, String... headers)
      throws IOException {
    try (var http = new RawHttp(from, port)) {
      http.send("POST", path, "{}", headers);
      return http.response().status();
    }
  }

  @Test
  @DisplayName("Behind HAProxy that speaks the PROXY protocol, clients are counted apart")
  void proxyProtocolOfHaproxy(@TempDir Path folder) throws Exception {
    var one = new ServiceLimits.Access(60, 100, 1, 1);
    var settings = Map.of("PARLOR_TRUSTED_PROXIES", "127.0.0.1", "PARLOR_PROXY_PROTOCOL", "on");
    try (var server =
            TestServer.start(
                folder, PageFiles.in(folder), ServiceLimits.defaults().with(one), settings);
        var proxy =
            Proxy.start(
                Proxy.Program.HAPROXY,
                Files.createDirectories(folder.resolve("proxy")),
                Proxy.sample("haproxy-tcp.cfg"),
                List.of("bind :443", "bind 127.0.0.1:%d"),
                server.port())) {
      clientsAreCountedApart(proxy.port(), "/api/identities");
    }
  }
}
