package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole server whose data directory has three shards. */
class ShardsIT {

  private static final int SHARDS = 3;
  private static final int ROOMS_MIN = 4;

  @TempDir private Path folder;

  /** Rooms with a card, keyed by their documents. */
  private final Map<String, Member> rooms = new LinkedHashMap<>();

  private final Map<String, String> requests = new LinkedHashMap<>();

  private TestServer start() throws Exception {
    return TestServer.start(folder, Map.of("PARLOR_SHARDS", "" + SHARDS));
  }

  /** Rooms in two shards at least; the first two have an answer. */
  @BeforeEach
  void makeRooms() throws Exception {
    var shards = new TreeSet<Integer>();
    try (var server = start()) {
      while (rooms.size() < ROOMS_MIN || shards.size() < 2) {
        var room = server.room("Room");
        var ada = room.join("host", server.person("Ada"));
        assertEquals(201, ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}").statusCode());
        var document = room.created().path("documentId").asText();
        if (requests.size() < 2) {
          var asked = ada.post("/generate", "{\"query\":\"Write a haiku\"}");
          requests.put(document, json(asked).path("request").asText());
        }
        rooms.put(document, ada);
        shards.add(shardOf(document));
      }
      for (var asked : requests.entrySet()) {
        var answer = made(asked.getKey()).get("/results/" + asked.getValue() + "?wait=30");
        assertEquals("done", json(answer).path("status").asText());
      }
    }
  }

  /** Runs the shell commands of docs/operations.md. */
  private static int shardOf(String document) throws Exception {
    var hash =
        MessageDigest.getInstance("SHA-256").digest(document.getBytes(StandardCharsets.US_ASCII));
    return (int) ((ByteBuffer.wrap(hash).getInt() & 0xffffffffL) % SHARDS);
  }

  private Member made(String document) {
    return Objects.requireNonNull(rooms.get(document));
  }

  private static Member in(TestServer server, Member member) {
    return new RoomUnderTest(server.http(), member.room().created()).withLink("host", member.person());
  }

  private void assertWhole(TestServer server, String document) {
    var ada = in(server, made(document));
    var room = ada.get("");
    assertEquals(200, room.statusCode(), room.body());
    assertTrue(json(room).path("cards").toString().contains("Dry"), room.body());
    if (requests.containsKey(document)) {
      var result = json(ada.get("/results/" + requests.get(document)));
      assertEquals("done", result.path("status").asText(), result.toString());
    }
    assertEquals(201, ada.post("/chat", "{\"text\":\"still here\"}").statusCode());
  }

  private static String store(TestServer server) {
    var ready = server.http().get("/health/ready");
    assertEquals(200, ready.statusCode(), ready.body());
    return json(ready).findPath("store").toString();
  }

  private static double metric(TestServer server, String name) throws Exception {
    return Scrape.of(server.http()).value(name);
  }

  @Test
  @DisplayName("rooms, results, archive, administration and metrics work with three shards")
  void everythingWorksWithShards() throws Exception {
    var first = rooms.keySet().iterator().next();
    var file = folder.resolve("data/archive/" + first + ".room");
    for (var round = 0; round < 2; round++) {
      try (var server = start()) {
        assertTrue(store(server).contains(", 3 shards"), store(server));
        assertEquals(rooms.size(), metric(server, "parlor_store_documents"));
        assertEquals(0, metric(server, "parlor_store_shards_unavailable"));
        var told = json(server.http().get("/api/admin/store"));
        assertEquals(rooms.size(), told.path("documents").asInt());
        assertEquals(0, told.path("quarantined").size());

        var order = "/api/admin/rooms/" + first;
        assertEquals(200, server.http().post(order + "/archive", "{}").statusCode());
        assertTrue(Files.exists(file));
        assertEquals(rooms.size() - 1, metric(server, "parlor_store_documents"));
        for (var document : rooms.keySet()) {
          assertWhole(server, document);
        }
        assertFalse(Files.exists(file), "opened, it is back");
        assertEquals(rooms.size(), metric(server, "parlor_store_documents"));
        var compacted = server.http().post(order + "/compact", "");
        assertEquals(200, compacted.statusCode(), compacted.body());
      }
    }
    assertEquals(
        List.of("parlor.db", "shards/0/parlor.db", "shards/1/parlor.db", "shards/2/parlor.db"),
        databases());
  }

  private List<String> databases() throws Exception {
    var data = folder.resolve("data");
    try (var files = Files.walk(data)) {
      return files
          .filter(file -> file.endsWith("parlor.db"))
          .map(file -> data.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  @DisplayName("[DU4] a damaged shard's rooms are listed and unavailable; other and new rooms open")
  void aDamagedShard() throws Exception {
    var damaged = shardOf(rooms.keySet().iterator().next());
    var gone = new TreeSet<String>();
    for (var document : rooms.keySet()) {
      if (shardOf(document) == damaged) {
        gone.add(document);
      }
    }
    var file = folder.resolve("data/shards/" + damaged + "/parlor.db");
    var whole = Files.readAllBytes(file);
    Files.write(file, new byte[whole.length]);
    try (var server = start()) {
      assertTrue(store(server).contains("shard " + damaged + " is damaged"), store(server));
      assertEquals(1, metric(server, "parlor_store_shards_unavailable"));
      assertEquals(rooms.size() - gone.size(), metric(server, "parlor_store_documents"));
      assertEquals(List.copyOf(gone), quarantined(server));
      for (var document : rooms.keySet()) {
        if (gone.contains(document)) {
          assertProblem(503, "unavailable", in(server, made(document)).get(""));
          var archive = server.http().post("/api/admin/rooms/" + document + "/archive", "{}");
          assertEquals(409, archive.statusCode(), archive.body());
        } else {
          assertWhole(server, document);
        }
      }
      assertUnavailable(server, damaged);
      for (var i = 0; i < 12; i++) {
        var document = server.room("New " + i).created().path("documentId").asText();
        assertFalse(shardOf(document) == damaged, "a new room is created in a working shard");
      }
    }
    Files.write(file, whole);
    try (var server = start()) {
      for (var document : rooms.keySet()) {
        assertWhole(server, document);
      }
    }
  }

  private static List<String> quarantined(TestServer server) {
    var names = new ArrayList<String>();
    JsonNode store = json(server.http().get("/api/admin/store"));
    store.path("quarantined").forEach(name -> names.add(name.asText()));
    return names;
  }

  /** Documents of the open relay: one in that shard, one in another. */
  private static void assertUnavailable(TestServer server, int shard) throws Exception {
    var url = URI.create("ws://127.0.0.1:" + server.port() + "/sync");
    var seen = new TreeSet<Boolean>();
    for (var seed = 1; seen.size() < 2; seed++) {
      DocumentId document = SyncPeer.document(seed);
      var isThere = shardOf(document.value()) != shard;
      try (var peer = new SyncPeer(url, "peer" + seed, document)) {
        peer.edit();
        if (isThere) {
          peer.awaitCommitted();
        } else {
          assertInstanceOf(WireMessage.DocUnavailable.class, peer.receive());
        }
      }
      seen.add(isThere);
    }
  }
}
