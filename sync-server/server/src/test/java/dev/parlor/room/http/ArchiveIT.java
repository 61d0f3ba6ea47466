package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archiving and restoring rooms on a whole server, across restarts. */
class ArchiveIT {

  @Test
  @DisplayName("an archived room is stored as one file, and opening the room's link restores it")
  void archivedRoomIsRestoredByItsLink(@TempDir Path folder) throws Exception {
    Member ada;
    String document;
    try (var server = TestServer.start(folder)) {
      var room = server.room("Kept");
      document = room.created().path("documentId").asText();
      ada = room.join("host", server.person("Ada"));
      assertEquals(201, ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}").statusCode());
      assertProblem(409, "in-use", server.http().post(archivePath(document), "{}"));
    }
    var file = folder.resolve("data/archive/" + document + ".room");
    for (var round = 0; round < 2; round++) {
      try (var server = TestServer.start(folder)) {
        var http = server.http();
        var archived = http.post(archivePath(document), "{}");
        assertEquals(200, archived.statusCode(), archived.body());
        assertEquals(Files.size(file), json(archived).path("bytes").asLong());
        assertEquals(ada.room().slug(), json(archived).path("slug").asText());
        assertEquals(1, json(http.get("/api/admin/store")).path("archived").asInt());
        assertEquals(0, json(http.get("/api/admin/store")).path("documents").asInt());
        assertEquals(200, http.post(archivePath(document), "{}").statusCode(), "already archived");
      }
      try (var server = TestServer.start(folder)) {
        var listed = json(server.http().get("/api/admin/archive")).path("rooms");
        assertEquals(document, listed.get(0).path("documentId").asText());
        var reopened = new RoomUnderTest(server.http(), ada.room().created());
        var member = reopened.withLink("host", ada.person());
        var room = json(member.get(""));
        assertEquals("Kept", room.path("title").asText());
        assertTrue(room.path("cards").toString().contains("Dry"), room.toString());
        assertEquals(201, member.post("/chat", "{\"text\":\"back " + round + "\"}").statusCode());
        assertFalse(Files.exists(file));
        assertEquals(0, json(server.http().get("/api/admin/archive")).path("archived").asInt());
      }
    }
    try (var server = TestServer.start(folder)) {
      var reopened = new RoomUnderTest(server.http(), ada.room().created());
      var chat = json(reopened.withLink("host", ada.person()).get("")).path("chat");
      assertEquals("back 0", chat.get(0).path("text").asText());
      assertEquals("back 1", chat.get(1).path("text").asText());
    }
  }

  @DisplayName("only an existing room can be archived")
  @Test
  void onlyExistingRoomsAreArchived(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      assertProblem(
          409,
          "not-a-room",
          server
              .http()
              .post(archivePath(dev.parlor.relay.socket.SyncPeer.document(5).value()), "{}"));
      assertProblem(404, "not-found", server.http().post(archivePath("nonsense"), "{}"));
      assertEquals(405, server.http().post("/api/admin/archive", "{}").statusCode());
    }
  }

  private static String archivePath(String document) {
    return "/api/admin/rooms/" + document + "/archive";
  }
}
