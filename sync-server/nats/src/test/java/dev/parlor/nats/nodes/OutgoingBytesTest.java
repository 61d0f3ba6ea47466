package dev.parlor.nats.nodes;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.relay.nodes.NodeBus;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the limit of the bytes that wait for the network. */
class OutgoingBytesTest {

  @TempDir private Path folder;
  private final AtomicLong written = new AtomicLong(1_000);
  private final OutgoingBytes outgoing = new OutgoingBytes(100, written::get);

  @Test
  @DisplayName("messages are refused while more bytes than the limit would wait for the network")
  void limit() {
    assertTrue(outgoing.add(60));
    assertFalse(outgoing.add(60));
    written.addAndGet(30);
    assertTrue(outgoing.add(60));
    assertFalse(outgoing.add(60));
    outgoing.dropped(60);
    assertTrue(outgoing.add(60));
    outgoing.clear();
    assertTrue(outgoing.add(100));
  }

  @Test
  @DisplayName("a message larger than the limit is sent if no other waits")
  void largeMessage() {
    assertTrue(outgoing.add(500));
    assertFalse(outgoing.add(1));
    written.addAndGet(600); // and messages of the library
    assertTrue(outgoing.add(500));
  }

  @Test
  @DisplayName("if too many bytes wait for a stopped server, documents are told of the loss later")
  void lossIsTold() throws Exception {
    try (var server = NatsServer.start(folder, "2m")) {
      var usual = server.settings();
      var limits = usual.limits();
      var settings =
          new ClusterSettings(
              usual.servers(),
              usual.credentials(),
              usual.names(),
              new ClusterLimits(
                  60_000,
                  limits.appendMillis(),
                  limits.partBytesMax(),
                  limits.groupBytesMax(),
                  limits.busQueueMessagesMax(),
                  4 << 20,
                  50));
      var told = new Semaphore(0);
      try (var bus = NatsNodes.connect(settings, new SecureRandom())) {
        var channel =
            bus.join(
                DocumentId.of(Bytes.utf8("a")),
                new NodeBus.Listener() {
                  @Override
                  public void received(Bytes frame) {}

                  @Override
                  public void resumed() {
                    told.release();
                  }
                });
        server.pause();
        try {
          for (var i = 0; i < 100; i++) {
            channel.publish(Bytes.wrap(new byte[500_000]));
          }
        } finally {
          server.resume();
        }
        assertTrue(told.tryAcquire(20, TimeUnit.SECONDS), "the loss is told");
      }
    }
  }
}
