package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.CloseCodes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests that log lines which peers can cause without limit are limited, and that they name the
 * peer.
 */
@OnEachTransport
class QuietSocketsIT {

  private static final int PEERS = 40;

  private final SocketTransport transport;

  QuietSocketsIT(SocketTransport transport) {
    this.transport = transport;
  }

  @DisplayName("a flood of bad frames writes at most one log line a second")
  @Test
  void floodOfBadFramesLogsOneLineASecond() throws Exception {
    var lines = new CopyOnWriteArrayList<String>();
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    var logger = Logger.getLogger(SyncSockets.class.getName());
    logger.setLevel(Level.INFO);
    logger.addHandler(handler);
    var started = System.nanoTime();
    try (var relay = RelayFixture.start(transport)) {
      var peers = new ArrayList<RawClient>();
      for (var i = 0; i < PEERS; i++) {
        peers.add(RawClient.join(relay.url(), "flood-" + i));
      }
      started = System.nanoTime();
      // The first frame is sent alone, since the order in which simultaneous frames are read is
      // undefined.
      for (var group : List.of(peers.subList(0, 1), peers.subList(1, PEERS))) {
        for (var mallory : group) {
          mallory.frame(RawClient.TEXT, true, Bytes.utf8("{}"));
        }
        for (var mallory : group) {
          assertEquals(CloseCodes.TEXT, mallory.awaitClose().code());
          mallory.close();
        }
      }
      assertTrue(
          relay.metrics().scrape().contains("parlor_refusals_total{rule=\"WS1\"} " + PEERS + ".0"));
    } finally {
      logger.removeHandler(handler);
      logger.setLevel(null);
    }
    var seconds = (System.nanoTime() - started) / 1_000_000_000L;
    var refusals = lines.stream().filter(line -> line.startsWith("refused peer flood-")).toList();
    assertEquals(
        "refused peer flood-0: [WS1] only binary frames are understood", refusals.getFirst());
    assertTrue(refusals.size() <= seconds + 2, refusals.size() + " lines in " + seconds + " s");
    assertTrue(refusals.size() < PEERS, "no line was left out");
    assertEquals(List.of(), refusals.stream().filter(line -> line.contains("/sync/")).toList());
  }
}
