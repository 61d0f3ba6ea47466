package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.socket.RelayFixture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A document with a long history at a relay that does not have it. */
class LongHistoryIT {

  private static final Duration WAIT_MAX = Duration.ofSeconds(60);
  private static final int CHANGES = 3_000;

  @TempDir private java.nio.file.Path folder = java.nio.file.Path.of("");

  @Test
  @DisplayName(
      "[SY3] a long history travels as one chunk, to the relay and to a new client, and is saved")
  void travelsAsOneChunk() throws Exception {
    DocumentId id;
    List<ChangeHash> heads;
    try (var offline = Repo.builder().store(folder.resolve("first")).open()) {
      var handle = offline.create(new Edit.Put(Path.of("text"), Value.text("")));
      for (var i = 0; i < CHANGES; i++) {
        handle.change(new Edit.SpliceText(Path.of("text"), i, 0, "a"));
      }
      id = handle.id();
      heads = handle.heads();
    }
    try (var relay = RelayFixture.start();
        var first = open(relay, "first");
        var second = open(relay, "second")) {
      assertEquals(SaveState.SAVED, first.find(id, WAIT_MAX).awaitSaved(WAIT_MAX));
      var found = second.find(id, WAIT_MAX);
      assertEquals(heads, found.heads());
      found.change(new Edit.SpliceText(Path.of("text"), 0, 0, "b"));
      assertEquals(SaveState.SAVED, found.awaitSaved(WAIT_MAX));
      // Each change is above 80 bytes as a chunk of its own.
      assertTrue(bytes(relay, "parlor_bytes_in_total") < 20 * CHANGES);
      assertTrue(bytes(relay, "parlor_bytes_out_total") < 20 * CHANGES);
    }
  }

  private static double bytes(RelayFixture relay, String counter) {
    return relay
        .metrics()
        .scrape()
        .lines()
        .filter(line -> line.startsWith(counter + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(counter.length())))
        .sum();
  }

  private Repo open(RelayFixture relay, String name) {
    return Repo.builder().server(relay.url()).store(folder.resolve(name)).open();
  }
}
