package dev.parlor.server.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.relay.CloseCodes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OutboxTest {

  /** A socket that takes a write only when the test lets it. */
  private static final class Gate implements SocketWriter {
    final Semaphore permits = new Semaphore(0);
    final CountDownLatch writing = new CountDownLatch(1);
    final CountDownLatch closed = new CountDownLatch(1);
    final List<Item> written = new ArrayList<>();
    final AtomicInteger kills = new AtomicInteger();

    @Override
    public void write(List<Item> items) {
      writing.countDown();
      try {
        permits.acquire();
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted in a write", e);
      }
      written.addAll(items);
      if (items.getLast() instanceof Close) {
        closed.countDown();
      }
    }

    @Override
    public void kill() {
      kills.incrementAndGet();
    }
  }

  private final Gate gate = new Gate();

  private Outbox outbox(int framesMax, int bytesMax) {
    var outbox = new Outbox(gate, "test", new Limits.Outbox(framesMax, bytesMax), new Metrics());
    outbox.start();
    return outbox;
  }

  /** The writer is now busy with a first frame, so that what follows waits. */
  private void occupy(Outbox outbox) throws InterruptedException {
    assertTrue(outbox.offer(Bytes.utf8("first"), Bytes.EMPTY));
    assertTrue(gate.writing.await(5, TimeUnit.SECONDS));
  }

  private static SocketWriter.Message message(String text) {
    return new SocketWriter.Message(Bytes.utf8(text), Bytes.utf8("!"));
  }

  private static boolean offer(Outbox outbox, String text) {
    return outbox.offer(Bytes.utf8(text), Bytes.utf8("!"));
  }

  @Test
  @DisplayName("what was offered is written in order, then the close")
  void inOrder() throws Exception {
    var outbox = outbox(10, 1_000);
    occupy(outbox);
    offer(outbox, "a");
    offer(outbox, "b");
    outbox.pong(Bytes.utf8("p"));
    outbox.close(4400, "because", Bytes.utf8("error"));
    assertFalse(offer(outbox, "too late"));
    gate.permits.release(10);
    assertTrue(gate.closed.await(5, TimeUnit.SECONDS));
    assertEquals(
        List.of(
            new SocketWriter.Message(Bytes.utf8("first"), Bytes.EMPTY),
            message("a"),
            message("b"),
            new SocketWriter.Pong(Bytes.utf8("p")),
            new SocketWriter.Message(Bytes.utf8("error"), Bytes.EMPTY),
            new SocketWriter.Close(4400, "because")),
        gate.written);
    assertEquals(4400, outbox.closeCode());
  }

  @Test
  @DisplayName("more frames than the limit end the session with 1013, nothing goes missing before")
  void tooManyFrames() throws Exception {
    var outbox = outbox(4, 1_000_000);
    occupy(outbox);
    assertTrue(offer(outbox, "a"));
    assertTrue(offer(outbox, "b"));
    assertTrue(offer(outbox, "c"));
    assertFalse(offer(outbox, "d"));
    assertEquals(CloseCodes.OVERLOAD, outbox.closeCode());
    gate.permits.release(10);
    assertTrue(gate.closed.await(5, TimeUnit.SECONDS));
    // The stream ends where it stood: a prefix, then the close.
    assertEquals(2, gate.written.size());
  }

  @Test
  @DisplayName("more bytes than the limit end the session too, but an idle one takes a large frame")
  void tooManyBytes() throws Exception {
    var outbox = outbox(100, 50);
    assertTrue(outbox.offer(Bytes.wrap(new byte[500]), Bytes.EMPTY));
    assertFalse(offer(outbox, "x"));
    assertEquals(CloseCodes.OVERLOAD, outbox.closeCode());
    outbox.stop();
  }

  @Test
  @DisplayName("[EP6] under pressure a newer ephemeral message of an author replaces the older one")
  void ephemeralsMayGo() throws Exception {
    var outbox = outbox(1_000, 1_000_000);
    occupy(outbox);
    var ada = new PeerId("ada");
    var bob = new PeerId("bob");
    outbox.offerEphemeral(Bytes.utf8("bob 1"), Bytes.utf8("!"), bob);
    for (var i = 0; i < Outbox.PRESSURE_FRAMES; i++) {
      offer(outbox, "sync " + i);
    }
    for (var i = 0; i < 1_000; i++) {
      assertTrue(outbox.offerEphemeral(Bytes.utf8("ada " + i), Bytes.utf8("!"), ada));
    }
    assertEquals(Outbox.PRESSURE_FRAMES + 3, outbox.depth());
    outbox.close(1000, "", null);
    gate.permits.release(10);
    assertTrue(gate.closed.await(5, TimeUnit.SECONDS));
    assertTrue(gate.written.contains(message("bob 1")));
    assertTrue(gate.written.contains(message("ada 999")));
    assertFalse(gate.written.contains(message("ada 998")));
    for (var i = 0; i < Outbox.PRESSURE_FRAMES; i++) {
      assertTrue(gate.written.contains(message("sync " + i)));
    }
  }

  @Test
  @DisplayName("stopping breaks a write that hangs, and nobody writes afterwards")
  void stopping() throws Exception {
    var outbox = outbox(10, 1_000);
    occupy(outbox);
    offer(outbox, "never");
    outbox.stop();
    assertEquals(1, gate.kills.get());
    assertEquals(List.of(), gate.written);
    assertFalse(offer(outbox, "never either"));
    assertEquals(0, outbox.depth());
  }
}
