package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.socket.SyncPeer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A room with two hundred peers. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class CrowdIT {
  private static final int PEERS = 200;

  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    try (var threads = Executors.newFixedThreadPool(tasks.size())) {
      var results = new ArrayList<T>();
      for (var task : threads.invokeAll(tasks)) {
        results.add(task.get());
      }
      return results;
    }
  }

  private static SyncPeer connected(URI url, String name, DocumentId document) throws Exception {
    var peer = new SyncPeer(url, name, document);
    peer.sendSync();
    while (peer.size() == 0) {
      peer.receive();
    }
    return peer;
  }

  /** Receives until the peer has all changes and the server has acknowledged its own. */
  private static boolean hasAll(SyncPeer peer, List<ChangeHash> changes) throws Exception {
    for (var change : changes) {
      peer.awaitChange(change);
    }
    peer.awaitCommitted();
    return true;
  }

  @Test
  @DisplayName(
      "two hundred peers of a room edit it at once, and each of them and a later peer receive all changes")
  void twoHundredPeers(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var room = server.room("Crowd");
      var ada = room.join("host", server.person("Ada"));
      ada.post("/commands/settings", "{\"maxPlayers\":500}");
      var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
      var url = URI.create(room.created().path("sync").path("player").asText());
      var joins = new ArrayList<Callable<SyncPeer>>();
      for (var i = 0; i < PEERS; i++) {
        var name = "peer-" + i;
        joins.add(() -> connected(url, name, document));
      }
      var peers = together(joins);
      try {
        var edits = peers.stream().map(peer -> (Callable<ChangeHash>) peer::editTitle).toList();
        var changes = together(edits);
        var reads =
            peers.stream().map(peer -> (Callable<Boolean>) () -> hasAll(peer, changes)).toList();
        assertEquals(Set.of(true), Set.copyOf(together(reads)));
        try (var late = connected(url, "late", document)) {
          assertTrue(hasAll(late, changes), "the server gives all changes to a later peer");
        }
      } finally {
        for (var peer : peers) {
          peer.close();
        }
      }
    }
  }
}
