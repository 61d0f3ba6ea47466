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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.opentest4j.AssertionFailedError;

/** Clients send more to a server with a small heap than fits into it. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("long")
class FilledHeapIT {

  private static final int HEAP_MIB = 160;

  /** The most changes of about 1 MiB that are sent, several times the heap. */
  private static final int CHANGES_MAX = 500;

  private static final int DOCUMENTS = 20;
  private static final int CLOSED_CLIENTS = 5;
  private static final long RECOVERY_NANOS_MAX = TimeUnit.SECONDS.toNanos(90);

  @Test
  @DisplayName(
      "clients that fill the heap are closed; afterwards an honest client reads its document and"
          + " writes again")
  void clientsThatFillTheHeapAreClosed(@TempDir Path folder) throws Exception {
    try (var server = new HostileServer(folder, "auto", List.of("-Xmx" + HEAP_MIB + "m"))) {
      var document = SyncPeer.document(1);
      var writer = new SyncPeer(server.sync(), "honest", document);
      writer.edit();
      writer.awaitCommitted();
      writer.client().disconnect(false);

      var closedClients = 0;
      var sentMib = 0;
      var attackers = new ArrayList<RawClient>();
      while (closedClients < CLOSED_CLIENTS) {
        assertTrue(sentMib < CHANGES_MAX, sentMib + " MiB sent, and no client was closed");
        var client = RawClient.connect(server.sync());
        attackers.add(client);
        if (client.status() != 101) {
          assertEquals(503, client.status());
          closedClients++;
          continue;
        }
        client.joinAs("mallory-" + attackers.size());
        var target = SyncPeer.document(100 + attackers.size() % DOCUMENTS);
        var mallory = new SyncPeer(client, target);
        try {
          while (true) {
            mallory.edit(1_000_000);
            sentMib++;
            mallory.awaitCommitted();
            if (mallory.size() % 20 == 0) {
              break; // continue with the next document
            }
          }
        } catch (AssertionFailedError closedFailure) {
          assertTrue(
              closedFailure.getMessage().contains("1013")
                  || closedFailure.getMessage().contains("1012"));
          closedClients++;
        } catch (IOException _) {
          closedClients++; // the connection was closed during the send
        }
      }
      assertTrue(server.isAlive());
      assertTrue(sentMib > HEAP_MIB / 4, "clients were closed after only " + sentMib + " MiB");

      // The attackers stay connected. Their documents leave memory, and an honest client can
      // reconnect.
      var deadline = System.nanoTime() + RECOVERY_NANOS_MAX;
      while (server.metric("parlor_heap_full") > 0
          || !canReadAndWriteAgain(server, document, writer)) {
        assertTrue(System.nanoTime() - deadline < 0, "an honest client cannot write again");
      }
      assertTrue(server.isAlive());
      for (var mallory : attackers) {
        mallory.close();
      }
    }
  }

  /**
   * Reads the acknowledged change and makes another one.
   *
   * @return false if the server closes the connection because of overload
   */
  private static boolean canReadAndWriteAgain(
      HostileServer server, DocumentId document, SyncPeer firstPeer) throws IOException {
    try (var client = RawClient.connect(server.sync())) {
      if (client.status() == 503) {
        return false;
      }
      var again = new SyncPeer(client.joinAs("honest-again"), document);
      again.sendSync();
      again.awaitChange(firstPeer.heads().getFirst());
      again.edit();
      again.awaitCommitted();
      return true;
    } catch (AssertionFailedError closedFailure) {
      assertTrue(
          closedFailure.getMessage().contains("" + CloseCodes.OVERLOAD),
          closedFailure.getMessage());
      return false;
    }
  }
}
