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

  /** A member of each room, by document id. Each room has a card. */
  private final Map<String, Member> rooms = new LinkedHashMap<>();

  /** The request of an answer, by document id. */
  private final Map<String, String> requests = new LinkedHashMap<>();

  private TestServer start() throws Exception {
    return TestServer.start(folder, Map.of("PARLOR_SHARDS", "" + SHARDS));
  }

  /** Creates rooms in at least two shards; the first two rooms have an answer. */
  @BeforeEach
  void createRooms() throws Exception {
    var shards = new TreeSet<Integer>();
    try (var server = start()) {
      while (rooms.size() < ROOMS_MIN || shards.size() < 2) {
        var room = server.room("Room");
        var ada = room.join("host", server.person("Ada"));
        assertEquals(201, ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}").statusCode());
        var document = room.created().path("documentId").asText();
        if (requests.size() < 2) {
          var generation = ada.post("/generate", "{\"query\":\"Write a haiku\"}");
          requests.put(document, json(generation).path("request").asText());
        }
        rooms.put(document, ada);
        shards.add(shardOf(document));
      }
      for (var generation : requests.entrySet()) {
        var answer =
            memberOf(generation.getKey()).get("/results/" + generation.getValue() + "?wait=30");
        assertEquals("done", json(answer).path("status").asText());
      }
    }
  }

  /** The shard of a document, as the shell commands in docs/operations.md compute it. */
  private static int shardOf(String document) throws Exception {
    var hash =
        MessageDigest.getInstance("SHA-256").digest(document.getBytes(StandardCharsets.US_ASCII));
    return (int) ((ByteBuffer.wrap(hash).getInt() & 0xffffffffL) % SHARDS);
  }

  private Member memberOf(String document) {
    return Objects.requireNonNull(rooms.get(document));
  }

  private static Member onServer(TestServer server, Member member) {
    return new RoomUnderTest(server.http(), member.room().created())
        .withLink("host", member.person());
  }

  private void assertComplete(TestServer server, String document) {
    var ada = onServer(server, memberOf(document));
    var room = ada.get("");
    assertEquals(200, room.statusCode(), room.body());
    assertTrue(json(room).path("cards").toString().contains("Dry"), room.body());
    if (requests.containsKey(document)) {
      var result = json(ada.get("/results/" + requests.get(document)));
      assertEquals("done", result.path("status").asText(), result.toString());
    }
    assertEquals(201, ada.post("/chat", "{\"text\":\"still here\"}").statusCode());
  }

  private static String storeHealth(TestServer server) {
    var ready = server.http().get("/health/ready");
    assertEquals(200, ready.statusCode(), ready.body());
    return json(ready).findPath("store").toString();
  }

  private static double metric(TestServer server, String name) throws Exception {
    return Scrape.of(server.http()).value(name);
  }

  @Test
  @DisplayName("rooms, results, archive, admin API and metrics work with three shards")
  void roomsWorkWithThreeShards() throws Exception {
    var first = rooms.keySet().iterator().next();
    var file = folder.resolve("data/archive/" + first + ".room");
    for (var round = 0; round < 2; round++) {
      try (var server = start()) {
        assertTrue(storeHealth(server).contains(", 3 shards"), storeHealth(server));
        assertEquals(rooms.size(), metric(server, "parlor_store_documents"));
        assertEquals(0, metric(server, "parlor_store_shards_unavailable"));
        var status = json(server.http().get("/api/admin/store"));
        assertEquals(rooms.size(), status.path("documents").asInt());
        assertEquals(0, status.path("quarantined").size());

        var adminPath = "/api/admin/rooms/" + first;
        assertEquals(200, server.http().post(adminPath + "/archive", "{}").statusCode());
        assertTrue(Files.exists(file));
        assertEquals(rooms.size() - 1, metric(server, "parlor_store_documents"));
        for (var document : rooms.keySet()) {
          assertComplete(server, document);
        }
        assertFalse(Files.exists(file), "opening the room restores it from the archive");
        assertEquals(rooms.size(), metric(server, "parlor_store_documents"));
        var compacted = server.http().post(adminPath + "/compact", "");
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
  @DisplayName("[DU4] rooms of a damaged shard are listed as unavailable; other and new rooms work")
  void roomsOfADamagedShardAreUnavailable() throws Exception {
    var damaged = shardOf(rooms.keySet().iterator().next());
    var unavailable = new TreeSet<String>();
    for (var document : rooms.keySet()) {
      if (shardOf(document) == damaged) {
        unavailable.add(document);
      }
    }
    var file = folder.resolve("data/shards/" + damaged + "/parlor.db");
    var content = Files.readAllBytes(file);
    Files.write(file, new byte[content.length]);
    try (var server = start()) {
      assertTrue(
          storeHealth(server).contains("shard " + damaged + " is damaged"), storeHealth(server));
      assertEquals(1, metric(server, "parlor_store_shards_unavailable"));
      assertEquals(rooms.size() - unavailable.size(), metric(server, "parlor_store_documents"));
      assertEquals(List.copyOf(unavailable), quarantined(server));
      for (var document : rooms.keySet()) {
        if (unavailable.contains(document)) {
          assertProblem(503, "unavailable", onServer(server, memberOf(document)).get(""));
          var archive = server.http().post("/api/admin/rooms/" + document + "/archive", "{}");
          assertEquals(409, archive.statusCode(), archive.body());
        } else {
          assertComplete(server, document);
        }
      }
      assertUnavailable(server, damaged);
      for (var i = 0; i < 12; i++) {
        var document = server.room("New " + i).created().path("documentId").asText();
        assertFalse(shardOf(document) == damaged, "a new room is created in a working shard");
      }
    }
    Files.write(file, content);
    try (var server = start()) {
      for (var document : rooms.keySet()) {
        assertComplete(server, document);
      }
    }
  }

  private static List<String> quarantined(TestServer server) {
    var names = new ArrayList<String>();
    JsonNode storeHealth = json(server.http().get("/api/admin/store"));
    storeHealth.path("quarantined").forEach(name -> names.add(name.asText()));
    return names;
  }

  /** Asserts that a document of this shard is unavailable, and one of another shard is not. */
  private static void assertUnavailable(TestServer server, int shard) throws Exception {
    var url = URI.create("ws://127.0.0.1:" + server.port() + "/sync");
    var tested = new TreeSet<Boolean>();
    for (var seed = 1; tested.size() < 2; seed++) {
      DocumentId document = SyncPeer.document(seed);
      var isAvailable = shardOf(document.value()) != shard;
      try (var peer = new SyncPeer(url, "peer" + seed, document)) {
        peer.edit();
        if (isAvailable) {
          peer.awaitCommitted();
        } else {
          assertInstanceOf(WireMessage.DocUnavailable.class, peer.receive());
        }
      }
      tested.add(isAvailable);
    }
  }
}
