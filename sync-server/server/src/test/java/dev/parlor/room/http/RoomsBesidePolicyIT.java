package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.socket.SyncPeer;
import java.net.URI;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with rooms and a document policy. */
class RoomsBesidePolicyIT {

  @Test
  @DisplayName(
      "[AD6] a document policy decides about documents that are not rooms, and rooms keep their own rules")
  void roomsKeepTheirRules(@TempDir java.nio.file.Path folder) throws Exception {
    var policy =
        Files.writeString(
            folder.resolve("policy.json"),
            "{\"version\":1,\"rules\":[{\"path\":\"/note\",\"write\":[\"write\"]}]}");
    try (var server =
        TestServer.start(folder, Map.of("PARLOR_DOCUMENT_POLICY", policy.toString()))) {
      var room = server.room("Room");
      var ada = room.join("host", server.person("Ada"));
      assertEquals(200, ada.post("/commands/settings", "{\"maxPlayers\":5}").statusCode());
      var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
      var url = URI.create(room.created().path("sync").path("player").asText());
      try (var player = new SyncPeer(url, "player", document)) {
        player.sendSync();
        while (player.size() == 0) {
          player.receive();
        }
        player.editTitle();
        player.awaitCommitted();
      }
      var sync = URI.create("ws://127.0.0.1:" + server.port() + "/sync");
      try (var peer = new SyncPeer(sync, "peer", SyncPeer.document(1))) {
        peer.edit(new Edit.Put(Path.of("note"), Value.of("a")));
        peer.awaitCommitted();
        peer.edit(new Edit.Put(Path.of("title"), Value.of("b")));
        var message = peer.receive();
        while (!(message instanceof WireMessage.ErrorMessage)) {
          message = peer.receive();
        }
        assertEquals(
            "[AD6] no rule of the document policy is about /*",
            ((WireMessage.ErrorMessage) message).message());
      }
    }
  }
}
