package dev.parlor.server.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.SyncPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.opentest4j.AssertionFailedError;

/** A server with a small heap, and clients that send more than fits into it. */
@Execution(ExecutionMode.CONCURRENT)
class FilledHeapIT {

  private static final int HEAP_MIB = 160;

  /** Several times the heap, in changes of 1 MiB. */
  private static final int CHANGES_MAX = 500;

  private static final int DOCUMENTS = 20;
  private static final int SENT_AWAY = 5;
  private static final long RECOVERY = TimeUnit.SECONDS.toNanos(90);

  @Test
  @DisplayName(
      "clients that fill the heap are closed; an honest client then reads its document and writes"
          + " again")
  void clientsThatFillTheHeapAreClosed(@TempDir Path folder) throws Exception {
    try (var server = new HostileServer(folder, "auto", List.of("-Xmx" + HEAP_MIB + "m"))) {
      var document = SyncPeer.document(1);
      var honest = new SyncPeer(server.sync(), "honest", document);
      honest.edit();
      honest.awaitCommitted();
      honest.client().disconnect(false);

      var sentAway = 0;
      var brought = 0;
      var mallories = new ArrayList<RawClient>();
      while (sentAway < SENT_AWAY) {
        assertTrue(brought < CHANGES_MAX, "took " + brought + " MiB and refused nothing");
        var client = RawClient.connect(server.sync());
        mallories.add(client);
        if (client.status() != 101) {
          assertEquals(503, client.status());
          sentAway++;
          continue;
        }
        client.joinAs("mallory-" + mallories.size());
        var target = SyncPeer.document(100 + mallories.size() % DOCUMENTS);
        var mallory = new SyncPeer(client, target);
        try {
          while (true) {
            mallory.edit(1_000_000);
            brought++;
            mallory.awaitCommitted();
            if (mallory.size() % 20 == 0) {
              break; // and the next document
            }
          }
        } catch (AssertionFailedError closed) {
          assertTrue(closed.getMessage().contains("1013") || closed.getMessage().contains("1012"));
          sentAway++;
        } catch (IOException _) {
          sentAway++; // while it was sending
        }
      }
      assertTrue(server.isAlive());
      assertTrue(brought > HEAP_MIB / 4, "refused after " + brought + " MiB");

      // The attackers stay connected. Their documents leave memory, and the honest clients
      // reconnect.
      var deadline = System.nanoTime() + RECOVERY;
      while (server.metric("parlor_heap_full") > 0 || !comesBack(server, document, honest)) {
        assertTrue(System.nanoTime() - deadline < 0, "no client can write any more");
      }
      assertTrue(server.isAlive());
      for (var mallory : mallories) {
        mallory.close();
      }
    }
  }

  /**
   * Reads the acknowledged changes and writes once more, unless the server closes the connection.
   */
  private static boolean comesBack(HostileServer server, DocumentId document, SyncPeer before)
      throws IOException {
    try (var client = RawClient.connect(server.sync())) {
      if (client.status() == 503) {
        return false;
      }
      var again = new SyncPeer(client.joinAs("honest-again"), document);
      again.sendSync();
      again.awaitChange(before.heads().getFirst());
      again.edit();
      again.awaitCommitted();
      return true;
    } catch (AssertionFailedError closed) {
      assertTrue(closed.getMessage().contains("" + CloseCodes.OVERLOAD), closed.getMessage());
      return false;
    }
  }
}
