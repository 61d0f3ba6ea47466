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

/** Log lines that peers can cause at will are limited, and they name the peer. */
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
      // One bad frame comes first, alone: of several simultaneous frames the system chooses the
      // first to read.
      for (var some : List.of(peers.subList(0, 1), peers.subList(1, PEERS))) {
        for (var mallory : some) {
          mallory.frame(RawClient.TEXT, true, Bytes.utf8("{}"));
        }
        for (var mallory : some) {
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
    var told = lines.stream().filter(line -> line.startsWith("refused peer flood-")).toList();
    assertEquals(
        "refused peer flood-0: [WS1] only binary frames are understood", told.getFirst());
    assertTrue(told.size() <= seconds + 2, told.size() + " lines in " + seconds + " s");
    assertTrue(told.size() < PEERS, "none of them was left out");
    assertEquals(List.of(), told.stream().filter(line -> line.contains("/sync/")).toList());
  }
}
