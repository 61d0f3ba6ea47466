package dev.parlor.relay.socket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.health.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests {@link Outbox} on a {@link LoopSender} with a fake socket. */
class OutboxTest {

  /** A socket that accepts as many bytes as the test allows. */
  private static final class FakeSocket implements LoopSender.Output {
    int acceptedBytes;
    int writes;
    boolean isClosed;
    boolean awaited;
    int killCount;
    @Nullable ByteBuffer scratch;
    final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      writes++;
      if (isClosed) {
        throw new IOException("the socket is closed");
      }
      for (; acceptedBytes > 0 && bytes.hasRemaining(); acceptedBytes--) {
        written.write(bytes.get());
      }
    }

    @Override
    public @Nullable ByteBuffer scratch(int length) {
      return scratch == null || length > scratch.capacity() ? null : scratch.clear();
    }

    @Override
    public void awaitWritable() {
      awaited = true;
      if (scratch != null) {
        scratch.clear();
        while (scratch.hasRemaining()) {
          scratch.put((byte) '#'); // another connection overwrites the buffer
        }
      }
    }

    @Override
    public void kill() {
      killCount++;
    }

    /** The frames so far: the text of messages, "ping", "pong:...", "close:code:reason". */
    List<String> frames() {
      var frames = new ArrayList<String>();
      var in = ByteBuffer.wrap(written.toByteArray());
      while (in.hasRemaining()) {
        var opcode = in.get() & 0x0f;
        var length = (long) in.get();
        if (length == 126) {
          length = in.getShort() & 0xffff;
        } else if (length == 127) {
          length = in.getLong();
        }
        var payload = new byte[(int) Math.min(length, in.remaining())];
        in.get(payload);
        var text = new String(payload, StandardCharsets.UTF_8);
        frames.add(
            switch (opcode) {
              case 2 -> text;
              case 8 -> "close:" + ByteBuffer.wrap(payload).getShort() + ":" + text.substring(2);
              case 9 -> "ping";
              case 10 -> "pong:" + text;
              default -> "opcode " + opcode;
            });
      }
      return frames;
    }
  }

  private final FakeSocket socket = new FakeSocket();

  private Outbox outbox(int framesMax, int bytesMax) {
    return new Outbox(
        new LoopSender(socket), new Limits.Outbox(framesMax, bytesMax), new Metrics());
  }

  private static boolean offer(Outbox outbox, String text) {
    return outbox.offer(Bytes.utf8(text), Bytes.utf8("!"));
  }

  private void acceptAll(Outbox outbox) {
    socket.acceptedBytes = Integer.MAX_VALUE;
    outbox.writable();
  }

  /** Sends a frame of which the socket accepts only a part, so that later frames wait. */
  private void blockSocket(Outbox outbox) {
    socket.acceptedBytes = 3;
    assertTrue(offer(outbox, "first"));
    outbox.flush();
    assertTrue(socket.awaited);
  }

  @Test
  @DisplayName(
      "bytes that a socket does not accept at once are kept when the shared scratch buffer is reused")
  void unsentBytesAreCopiedFromTheScratchBuffer() {
    socket.scratch = ByteBuffer.allocateDirect(64);
    var outbox = outbox(10, 1_000);
    blockSocket(outbox);
    offer(outbox, "second");
    socket.acceptedBytes = 4;
    outbox.writable();
    acceptAll(outbox);
    assertEquals(List.of("first!", "second!"), socket.frames());
  }

  @Test
  @DisplayName("offering only queues frames; a flush sends all of them in one write")
  void oneWrite() {
    var outbox = outbox(10, 1_000);
    socket.acceptedBytes = Integer.MAX_VALUE;
    offer(outbox, "a");
    offer(outbox, "b");
    assertEquals(0, socket.writes);
    outbox.flush();
    assertEquals(1, socket.writes);
    assertEquals(List.of("a!", "b!"), socket.frames());
    assertEquals(0, outbox.depth());
  }

  @Test
  @DisplayName("frames are written in the order of the offers, followed by the close frame")
  void inOrder() {
    var outbox = outbox(10, 1_000);
    blockSocket(outbox);
    offer(outbox, "a");
    offer(outbox, "b");
    outbox.pong(Bytes.utf8("p"));
    outbox.close(4400, "because", Bytes.utf8("error"));
    assertFalse(offer(outbox, "too late"));
    assertFalse(outbox.isDone());
    acceptAll(outbox);
    assertEquals(
        List.of("first!", "a!", "b!", "pong:p", "error", "close:4400:because"), socket.frames());
    assertEquals(4400, outbox.closeCode());
    assertTrue(outbox.isDone());
  }

  @Test
  @DisplayName("a socket that accepts one byte at a time receives every frame complete")
  void byteByByte() {
    var outbox = outbox(10, 1 << 20);
    var large = "x".repeat(70_000);
    offer(outbox, "a");
    offer(outbox, large);
    offer(outbox, "b");
    outbox.flush();
    for (var i = 0; i < 70_100; i++) {
      socket.acceptedBytes = 1;
      outbox.writable();
    }
    assertEquals(List.of("a!", large + "!", "b!"), socket.frames());
    assertEquals(0, outbox.depth());
  }

  @Test
  @DisplayName("more frames than the limit close with 1013, and earlier frames are still sent")
  void tooManyFrames() {
    var outbox = outbox(4, 1_000_000);
    blockSocket(outbox);
    assertTrue(offer(outbox, "a"));
    assertTrue(offer(outbox, "b"));
    assertTrue(offer(outbox, "c"));
    assertFalse(offer(outbox, "d"));
    assertEquals(CloseCodes.OVERLOAD, outbox.closeCode());
    acceptAll(outbox);
    // The stream ends at its last byte: a prefix of a frame, then the close.
    assertEquals(2, socket.frames().size());
    assertEquals("first!", socket.frames().getFirst());
  }

  @Test
  @DisplayName("more bytes than the limit close with 1013; an empty outbox accepts one large frame")
  void tooManyBytes() {
    var outbox = outbox(100, 50);
    assertTrue(outbox.offer(Bytes.wrap(new byte[500]), Bytes.EMPTY));
    assertFalse(offer(outbox, "x"));
    assertEquals(CloseCodes.OVERLOAD, outbox.closeCode());
  }

  @Test
  @DisplayName("many frames at once do not close the connection of a client that reads them")
  void aBurst() {
    var outbox = outbox(100, 1_000);
    socket.acceptedBytes = Integer.MAX_VALUE;
    for (var i = 0; i < 10_000; i++) {
      assertTrue(offer(outbox, "frame " + i));
    }
    outbox.flush();
    assertEquals(10_000, socket.frames().size());
  }

  @Test
  @DisplayName("[EP6] under pressure an author's newer ephemeral message replaces the older one")
  void newerEphemeralReplacesTheOlder() {
    var outbox = outbox(1_000, 1_000_000);
    blockSocket(outbox);
    var ada = new PeerId("ada");
    var bob = new PeerId("bob");
    outbox.offerEphemeral(Bytes.utf8("bob 1"), Bytes.utf8("!"), bob);
    for (var i = 0; i < FixedLimits.PRESSURE_FRAMES; i++) {
      offer(outbox, "sync " + i);
    }
    for (var i = 0; i < 1_000; i++) {
      assertTrue(outbox.offerEphemeral(Bytes.utf8("ada " + i), Bytes.utf8("!"), ada));
    }
    assertEquals(FixedLimits.PRESSURE_FRAMES + 3, outbox.depth());
    acceptAll(outbox);
    var frames = socket.frames();
    assertTrue(frames.contains("bob 1!"));
    assertTrue(frames.contains("ada 999!"));
    assertFalse(frames.contains("ada 998!"));
    for (var i = 0; i < FixedLimits.PRESSURE_FRAMES; i++) {
      assertTrue(frames.contains("sync " + i + "!"));
    }
  }

  @Test
  @DisplayName("[EP6] from half of the limit on, ephemeral messages of further authors are dropped")
  void ephemeralsOfOthersAreLeftOut() {
    var outbox = outbox(200, 1_000_000);
    blockSocket(outbox);
    for (var i = 0; outbox.depth() < 99; i++) {
      offer(outbox, "sync " + i);
    }
    assertTrue(outbox.offerEphemeral(Bytes.utf8("ada 1"), Bytes.utf8("!"), new PeerId("ada")));
    assertEquals(100, outbox.depth());
    assertTrue(outbox.offerEphemeral(Bytes.utf8("bob 1"), Bytes.utf8("!"), new PeerId("bob")));
    assertEquals(100, outbox.depth());
    assertTrue(offer(outbox, "sync goes on"));
    acceptAll(outbox);
    var frames = socket.frames();
    assertTrue(frames.contains("ada 1!"));
    assertFalse(frames.contains("bob 1!"));
    assertTrue(frames.contains("sync goes on!"));
  }

  @Test
  @DisplayName("after a stop no more bytes are written")
  void stopping() {
    var outbox = outbox(10, 1_000);
    blockSocket(outbox);
    offer(outbox, "never");
    var writes = socket.writes;
    outbox.stop();
    outbox.writable();
    outbox.flush();
    assertEquals(writes, socket.writes);
    assertFalse(offer(outbox, "never either"));
    assertEquals(0, outbox.depth());
    assertTrue(outbox.isDone());
  }

  @Test
  @DisplayName("a closed socket is reported to its connection once")
  void closedSocketIsReportedOnce() {
    var outbox = outbox(10, 1_000);
    socket.isClosed = true;
    offer(outbox, "a");
    outbox.flush();
    outbox.flush();
    assertEquals(1, socket.killCount);
    assertFalse(offer(outbox, "b"));
  }
}
