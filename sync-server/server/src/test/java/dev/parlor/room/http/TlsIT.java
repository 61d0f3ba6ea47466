package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.tls.TestCertificates;
import dev.parlor.relay.tls.TestCertificates.PemPaths;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import dev.parlor.server.backup.BackupCommands;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The whole server with a TLS certificate of a test authority: page, API, events and sockets. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TlsIT {

  private static TestCertificates authority;
  private static PemPaths files;
  private static TestServer server;
  private static HttpClientForTests https;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    authority = TestCertificates.in(folder);
    files = authority.issueFiles("server");
    server = TestServer.start(folder, settings());
    https = new HttpClientForTests(server.port(), authority.trustingContext());
  }

  @AfterAll
  static void stop() throws Exception {
    https.close();
    server.close();
  }

  private static Map<String, String> settings() {
    return Map.of(
        "PARLOR_TLS_CERT",
        files.certificate().toString(),
        "PARLOR_TLS_KEY",
        files.key().toString());
  }

  @Test
  @DisplayName(
      "the backup command accepts the certificate of its settings and no other certificate of the"
          + " same authority")
  void backupPinsTheCertificate(@TempDir Path folder) throws Exception {
    // The server has no admin token, and says so to a program that reaches its API.
    assertTrue(backup(folder, settings()).contains("set PARLOR_ADMIN_TOKEN for the server"));
    var other = authority.issueFiles("other");
    var environment = new HashMap<>(settings());
    environment.put("PARLOR_TLS_CERT", other.certificate().toString());
    environment.put("PARLOR_TLS_KEY", other.key().toString());
    var refused = backup(folder, environment);
    assertTrue(refused.contains("the server shows another certificate than"), refused);
  }

  /** What the command prints. */
  private static String backup(Path folder, Map<String, String> environment) {
    var output = new ByteArrayOutputStream();
    var stream = new PrintStream(output, true, StandardCharsets.UTF_8);
    var arguments = List.of("one.backup", "--port", Integer.toString(server.port()));
    assertEquals(1, BackupCommands.run("backup", arguments, environment, folder, stream, stream));
    return output.toString(StandardCharsets.UTF_8);
  }

  private static String host() {
    return "127.0.0.1:" + server.port();
  }

  private static RoomUnderTest room() {
    var created = https.post("/api/rooms", "{\"title\":\"Over TLS\"}");
    assertEquals(201, created.statusCode(), created.body());
    return new RoomUnderTest(https, json(created));
  }

  private static Member join(RoomUnderTest room, String name) {
    var person = json(https.post("/api/identities", "{\"name\":\"" + name + "\"}"));
    return room.join(
        "player",
        new TestServer.Person(person.path("identity").asText(), person.path("token").asText()));
  }

  @Test
  @DisplayName("the page is served over https, and may open sockets over wss only")
  void pageIsServedOverHttps() {
    var page = https.get("/");
    assertEquals(200, page.statusCode());
    var policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.contains(" wss://" + host()), policy);
    assertFalse(policy.contains(" ws://"), policy);
    assertEquals(List.of(), page.headers().allValues("Strict-Transport-Security"));
  }

  @Test
  @DisplayName("over TLS, links to a room start with https, and URLs of sockets with wss")
  void linksHaveTheSecureSchemes() {
    var room = room();
    var created = room.created();
    assertTrue(
        created.path("links").path("host").asText().startsWith("https://" + host() + "/r/"),
        created.toString());
    assertTrue(
        created.path("sync").path("player").asText().startsWith("wss://" + host() + "/sync/k/"),
        created.toString());
    var ticket = json(join(room, "Ada").post("/tickets", "{}"));
    assertTrue(ticket.path("url").asText().startsWith("wss://" + host()), ticket.toString());
  }

  @Test
  @DisplayName("a program on the server's machine can use the admin API over https")
  void adminApiAnswersOverHttps() {
    assertEquals(200, https.get("/api/admin/store").statusCode());
    assertEquals(200, https.get("/api/admin/store", "Origin", "https://" + host()).statusCode());
    assertEquals(404, https.get("/api/admin/store", "Origin", "http://" + host()).statusCode());
  }

  @Test
  @DisplayName("server-sent events arrive over TLS")
  void eventsArriveOverTls() throws Exception {
    var room = room();
    var ada = join(room, "Ada");
    var ticket = json(ada.post("/tickets", "{}")).path("url").asText();
    var path = room.path("/events?ticket=" + ticket.substring(ticket.lastIndexOf('/') + 1));
    try (var source = new EventSourceForTests(https.uri(path), https.newClient())) {
      source.awaitOpen();
      assertEquals(201, ada.post("/chat", "{\"text\":\"hello over TLS\"}").statusCode());
      var event = source.next();
      while (!event.name().equals("chat")) {
        event = source.next();
      }
      assertTrue(event.data().toString().contains("hello over TLS"), event.toString());
    }
  }

  @Test
  @DisplayName(
      "unmodified automerge-repo clients sync over wss in both directions, also after a restart")
  void realClientsSyncOverWss(@TempDir Path folder) throws Exception {
    var first = TestServer.start(folder, settings());
    var port = first.port();
    String storage;
    try (var http = new HttpClientForTests(port, authority.trustingContext())) {
      storage = json(http.get("/api/config")).path("storageId").asText();
    }
    try (var node =
        NodeProcess.scenario(
            Map.of("NODE_EXTRA_CA_CERTS", authority.authority().toString()),
            "both-ways",
            "wss://127.0.0.1:" + port + "/sync",
            storage)) {
      node.expect("restart");
      first.close();
      node.expect("offline");
      try (var _ = TestServer.start(folder, settings(), port)) {
        node.go();
        node.expect("passed");
        node.succeeds();
      }
    } finally {
      first.close();
    }
  }

  @Test
  @DisplayName("a client that does not trust the certificate fails, and others are still served")
  void clientWithoutTrustIsRefused() throws Exception {
    try (var clientWithoutTrust = new HttpClientForTests(server.port(), SSLContext.getDefault())) {
      var exception = assertThrows(UncheckedIOException.class, () -> clientWithoutTrust.get("/"));
      assertInstanceOf(SSLHandshakeException.class, exception.getCause());
    }
    assertEquals(200, https.get("/").statusCode());
  }

  @Test
  @DisplayName(
      "a plain HTTP request to a TLS port gets no HTTP response, and others are still served")
  void plainHttpGetsNoAnswer() throws Exception {
    try (var plain = new RawHttp(server.port())) {
      plain.send("GET", "/");
      var answer = new String(plain.in().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertFalse(answer.contains("HTTP"), answer); // The answer is at most a TLS alert.
    }
    assertEquals(200, https.get("/").statusCode());
  }
}
