package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.socket.SyncPeer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /api/admin} of a whole server, called from the same machine. */
class AdminIT {
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

  private static SyncPeer peer(String name, DocumentId document) throws Exception {
    return new SyncPeer(URI.create("ws://127.0.0.1:" + server.port() + "/sync"), name, document);
  }

  private static String path(DocumentId document) {
    return "/api/admin/rooms/" + document.value();
  }

  private static JsonNode getOk(String path) {
    var response = http.get(path);
    assertEquals(200, response.statusCode(), response.body());
    assertEquals("no-store", response.headers().firstValue("Cache-Control").orElse(""));
    return json(response);
  }

  @DisplayName("an open document is described with its changes, heads and connections")
  @Test
  void openDocumentIsDescribed() throws Exception {
    var document = SyncPeer.document(1);
    assertProblem(404, "not-in-memory", http.get(path(document)));
    try (var ada = peer("ada", document);
        var bob = peer("bob", document)) {
      ada.edit();
      ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      while (!bob.heads().equals(ada.heads())) {
        bob.receive();
      }
      var room = getOk(path(document));
      assertEquals(document.value(), room.path("documentId").asText());
      assertTrue(room.path("slug").isMissingNode(), "the document is not a room");
      assertEquals(2, room.path("changes").asInt());
      assertEquals(1, room.path("heads").size());
      assertEquals(ada.heads().getFirst().toString(), room.path("heads").get(0).asText());
      assertTrue(room.path("bytes").asLong() > 50, room.toString());
      assertEquals(0, room.path("snapshotBytes").asLong());
      assertEquals(0, room.path("uncommitted").asInt());
      assertEquals(0, room.path("pending").asInt());
      assertEquals(2, room.path("peers").asInt());
      var firstConnection = room.path("connections").get(0);
      assertEquals("ada", firstConnection.path("peerId").asText());
      assertEquals("player", firstConnection.path("role").asText());
      assertEquals(0, firstConnection.path("framesWaiting").asInt());
      assertFalse(firstConnection.path("heldBack").asBoolean());
      assertEquals("bob", room.path("connections").get(1).path("peerId").asText());
    }
  }

  @DisplayName("a change with a missing dependency counts as pending")
  @Test
  void changeWithAMissingDependencyIsPending() throws Exception {
    var document = SyncPeer.document(2);
    try (var client =
        RawClient.join(URI.create("ws://127.0.0.1:" + server.port() + "/sync"), "early")) {
      var changeWithoutDependency = List.of(SyncPeer.change("early", 2));
      var message =
          new SyncMessage(
              SyncMessage.Kind.CHANGES,
              List.of(),
              List.of(),
              List.of(),
              changeWithoutDependency,
              null);
      client.send(
          new WireMessage.Sync(
              client.id(), RelayFixture.SERVER, document, SyncMessageCodec.encode(message)));
      var room = until(path(document), json -> json.path("pending").asInt() == 1);
      assertEquals(0, room.path("changes").asInt());
      assertTrue(room.path("pendingBytes").asLong() > 0, room.toString());
    }
  }

  /** Repeats the request until the condition holds, at most one minute. */
  private static JsonNode until(String path, java.util.function.Predicate<JsonNode> condition) {
    var deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    var last = json(http.get(path));
    while (!condition.test(last)) {
      assertTrue(System.nanoTime() < deadline, last.toString());
      last = json(http.get(path));
    }
    return last;
  }

  @DisplayName("rooms are listed in pages and in order")
  @Test
  void roomsArePagedInOrder() throws Exception {
    try (var one = peer("one", SyncPeer.document(31));
        var two = peer("two", SyncPeer.document(32));
        var three = peer("three", SyncPeer.document(33))) {
      for (var each : List.of(one, two, three)) {
        each.edit();
        each.awaitCommitted();
      }
      var listed = new java.util.ArrayList<String>();
      var after = "";
      while (true) {
        var page = getOk("/api/admin/rooms?limit=2&after=" + after);
        assertTrue(page.path("rooms").size() <= 2, page.toString());
        page.path("rooms").forEach(room -> listed.add(room.path("documentId").asText()));
        if (!page.has("next")) {
          break;
        }
        after = page.path("next").asText();
      }
      assertEquals(listed.stream().sorted().distinct().toList(), listed);
      for (var seed : List.of(31, 32, 33)) {
        assertTrue(listed.contains(SyncPeer.document(seed).value()), listed.toString());
      }
      assertField(400, "limit", http.get("/api/admin/rooms?limit=0"));
      assertField(400, "limit", http.get("/api/admin/rooms?limit=many"));
    }
  }

  @DisplayName("a room is compacted on request, and refused if it has no new changes since then")
  @Test
  void roomIsCompactedOnlyIfItHasNewChanges() {
    var room = server.room("A room");
    var ada = room.join("host", server.person("Ada"));
    ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}");
    var document = room.created().path("documentId").asText();
    var path = "/api/admin/rooms/" + document;
    var before = getOk(path);
    assertEquals(room.slug(), before.path("slug").asText());
    until(path, json -> json.path("uncommitted").asInt() == 0);

    var compacted = http.post(path + "/compact", "");
    assertEquals(200, compacted.statusCode(), compacted.body());
    assertTrue(json(compacted).path("changes").asInt() > 0, compacted.body());
    var after = getOk(path);
    assertEquals(
        json(compacted).path("snapshotBytes").asLong(), after.path("snapshotBytes").asLong());
    assertTrue(after.path("snapshotBytes").asLong() > 0);
    assertFalse(after.path("compacting").asBoolean());
    assertProblem(409, "nothing-new", http.post(path + "/compact", ""));
  }

  @Test
  @DisplayName("[DU3] a document of the open relay can be compacted and opens from its snapshot")
  void aDocumentOfTheOpenRelayIsCompacted() throws Exception {
    var document = SyncPeer.document(4);
    assertProblem(404, "not-in-memory", http.post(path(document) + "/compact", ""));
    try (var ada = peer("ada4", document)) {
      ada.edit();
      ada.awaitCommitted();
      until(path(document), json -> json.path("uncommitted").asInt() == 0);
      var compacted = http.post(path(document) + "/compact", "");
      assertEquals(200, compacted.statusCode(), compacted.body());
      assertEquals(1, json(compacted).path("changes").asInt());
      ada.edit();
      ada.awaitCommitted();
      assertEquals(200, http.post(path(document) + "/close", "").statusCode());
    }
    until(path(document), json -> json.path("status").asInt() == 404);
    try (var bob = peer("bob4", document)) {
      bob.sendSync();
      while (bob.size() < 2) {
        bob.receive();
      }
      assertTrue(getOk(path(document)).path("snapshotBytes").asLong() > 0);
    }
  }

  @DisplayName("closing a document disconnects all its peers and unloads it")
  @Test
  void closingDisconnectsAllPeersAndUnloadsTheDocument() throws Exception {
    var document = SyncPeer.document(5);
    var evicted = metric("parlor_rooms_evicted_total");
    try (var ada = peer("ada5", document);
        var bob = peer("bob5", document)) {
      ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.receive();
      var closed = http.post(path(document) + "/close", "");
      assertEquals(200, closed.statusCode(), closed.body());
      assertEquals(2, json(closed).path("connectionsClosed").asInt());
      assertEquals(CloseCodes.RESTART, ada.client().awaitClose().code());
      assertEquals(CloseCodes.RESTART, bob.client().awaitClose().code());
    }
    until(path(document), json -> json.path("status").asInt() == 404);
    assertEquals(evicted + 1, metric("parlor_rooms_evicted_total"));
    try (var again = peer("again5", document)) {
      again.sendSync();
      while (again.size() == 0) {
        again.receive();
      }
      assertFalse(getOk(path(document)).path("leaving").asBoolean(), "the document is open again");
    }
  }

  private static double metric(String name) {
    return http.get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .sum();
  }

  @DisplayName("the store reports its documents, queued bytes and quarantined documents")
  @Test
  void storeReportsItsContents() throws Exception {
    try (var ada = peer("ada6", SyncPeer.document(6))) {
      ada.edit();
      ada.awaitCommitted();
    }
    var store = getOk("/api/admin/store");
    assertTrue(store.path("documents").asInt() >= 1, store.toString());
    assertTrue(store.path("queuedBytes").isIntegralNumber());
    assertEquals(0, store.path("quarantined").size());
  }

  @DisplayName("an unknown admin path gets 404, and a wrong method gets 405")
  @Test
  void unknownPathsAreProblems() {
    var document = SyncPeer.document(7).value();
    for (var path :
        List.of(
            "/api/admin/",
            "/api/admin/nothing",
            "/api/admin/rooms/no-document-id",
            "/api/admin/other/" + document,
            "/api/admin/rooms/" + document + "/nothing",
            "/api/admin/rooms/" + document + "/close/twice")) {
      assertProblem(404, "not-found", http.get(path));
    }
    assertProblem(405, "method-not-allowed", http.post("/api/admin/rooms", ""));
    assertProblem(405, "method-not-allowed", http.get("/api/admin/rooms/" + document + "/compact"));
  }

  @DisplayName("requests through a proxy or from another origin get 404")
  @Test
  void requestsFromOtherOriginsOrThroughAProxyGetNotFound() {
    for (var headers :
        List.of(
            List.of("X-Forwarded-For", "203.0.113.7"),
            List.of("Forwarded", "for=203.0.113.7"),
            List.of("X-Forwarded-Host", "parlor.example"),
            List.of("Origin", "http://evil.example"),
            List.of("Origin", "null"),
            List.of("Sec-Fetch-Site", "cross-site"))) {
      var pair = headers.toArray(String[]::new);
      assertProblem(404, "not-found", http.get("/api/admin/rooms", pair));
      assertProblem(404, "not-found", http.get("/api/admin/store", pair));
      assertProblem(404, "not-found", http.post(path(SyncPeer.document(8)) + "/close", "", pair));
      assertProblem(404, "not-found", http.post("/api/admin/rooms", "", pair));
    }
    var own = "http://127.0.0.1:" + server.port();
    assertEquals(200, http.get("/api/admin/store", "Origin", own).statusCode());
  }

  @DisplayName("if an admin token is configured, every request needs it")
  @Test
  void configuredTokenIsRequired(@TempDir Path folder) throws Exception {
    var token = "correct horse battery";
    try (var tokenServer = TestServer.start(folder, Map.of("PARLOR_ADMIN_TOKEN", token))) {
      var client = tokenServer.http();
      assertProblem(401, "unauthorized", client.get("/api/admin/store"));
      assertProblem(
          401, "unauthorized", client.get("/api/admin/store", "Authorization", "Bearer wrong"));
      assertEquals(
          200, client.get("/api/admin/store", "Authorization", "Bearer " + token).statusCode());
      assertProblem(
          404,
          "not-found",
          client.get(
              "/api/admin/store", "Authorization", "Bearer " + token, "X-Forwarded-For", "::1"));
    }
  }

  @DisplayName("with a public URL and no admin token, /api/admin answers 404")
  @Test
  void publicUrlWithoutATokenIsClosed(@TempDir Path folder) throws Exception {
    try (var proxied =
        TestServer.start(folder, Map.of("PARLOR_PUBLIC_URL", "https://parlor.example"))) {
      assertProblem(404, "not-found", proxied.http().get("/api/admin/store"));
    }
  }
}
