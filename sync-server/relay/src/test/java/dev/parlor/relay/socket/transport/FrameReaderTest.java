package dev.parlor.relay.socket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.socket.transport.FrameReader.Read;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests {@link FrameReader}. */
class FrameReaderTest {

  private static final int MAX = 200_000;

  /** A client's frame, encoded as on the wire. */
  private static byte[] frame(int first, byte[] payload, int mask) {
    var out = ByteBuffer.allocate(14 + payload.length);
    out.put((byte) first);
    if (payload.length < 126) {
      out.put((byte) (0x80 | payload.length));
    } else if (payload.length < 0x1_0000) {
      out.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      out.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    out.putInt(mask);
    for (var i = 0; i < payload.length; i++) {
      out.put((byte) (payload[i] ^ (mask >>> (8 * (3 - (i % 4))))));
    }
    return Bytes.wrap(out.array(), 0, out.position()).toArray();
  }

  private static Read read(int... bytes) {
    var in = ByteBuffer.allocate(bytes.length);
    for (var b : bytes) {
      in.put((byte) b);
    }
    return new FrameReader().read(in.flip(), MAX);
  }

  private static int codeOf(Read read) {
    return assertInstanceOf(Read.Broken.class, read).code();
  }

  @Property(tries = 200)
  void framesSplitAtAnyByteAreReadWhole(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 70_000) Integer> lengths,
      @ForAll long seed) {
    var random = new Random(seed);
    var wire = ByteBuffer.allocate(lengths.stream().mapToInt(length -> length + 14).sum());
    var sent = new ArrayList<Bytes>();
    for (var length : lengths) {
      var payload = new byte[length];
      random.nextBytes(payload);
      sent.add(Bytes.wrap(payload));
      wire.put(frame(0x82, payload, random.nextInt()));
    }
    wire.flip();
    var reader = new FrameReader();
    var received = new ArrayList<Bytes>();
    while (wire.hasRemaining()) {
      var piece = wire.slice(wire.position(), 1 + random.nextInt(wire.remaining()));
      wire.position(wire.position() + piece.limit());
      while (reader.read(piece, MAX) instanceof Read.Frame(var opcode, var last, var payload)) {
        assertEquals(FrameReader.BINARY, opcode);
        assertEquals(true, last);
        received.add(payload);
      }
    }
    assertEquals(sent, received);
  }

  @Test
  @DisplayName("[WS1] a control frame between fragments is read, and the message continues")
  void fragments() {
    var reader = new FrameReader();
    var wire = ByteBuffer.allocate(100);
    wire.put(frame(0x02, new byte[] {1}, 7));
    wire.put(frame(0x89, new byte[] {9}, 7));
    wire.put(frame(0x00, new byte[] {2}, 7));
    wire.put(frame(0x80, new byte[] {3}, 7)).flip();
    assertEquals(new Read.Frame(2, false, Bytes.ofHex("01")), reader.read(wire, MAX));
    assertEquals(new Read.Frame(9, true, Bytes.ofHex("09")), reader.read(wire, MAX));
    assertEquals(new Read.Frame(0, false, Bytes.ofHex("02")), reader.read(wire, MAX));
    assertEquals(new Read.Frame(0, true, Bytes.ofHex("03")), reader.read(wire, MAX));
    assertInstanceOf(Read.Incomplete.class, reader.read(wire, MAX));
  }

  @Test
  @DisplayName("[WS6] a frame that no client may send fails with 1002")
  void invalidFrames() {
    assertEquals(1002, codeOf(read(0xc2, 0x80, 0, 0, 0, 0)), "a reserved bit");
    assertEquals(1002, codeOf(read(0x82, 0x00, 0, 0, 0, 0)), "not masked");
    assertEquals(1002, codeOf(read(0x80, 0x80, 0, 0, 0, 0)), "nothing to continue");
    assertEquals(1002, codeOf(read(0x83, 0x80, 0, 0, 0, 0)), "no such opcode");
    assertEquals(1002, codeOf(read(0x09, 0x80, 0, 0, 0, 0)), "a ping in pieces");
    assertEquals(1002, codeOf(read(0x89, 0xfe, 0, 126, 0, 0, 0, 0)), "a ping of 126 bytes");
    var reader = new FrameReader();
    reader.read(ByteBuffer.wrap(frame(0x02, new byte[1], 0)), MAX);
    assertEquals(
        1002,
        codeOf(reader.read(ByteBuffer.wrap(frame(0x82, new byte[1], 0)), MAX)),
        "a message within another");
  }

  @Test
  @DisplayName(
      "[WS1] a frame whose announced length exceeds the limit is refused before its payload"
          + " arrives")
  void tooLarge() {
    assertEquals(1009, codeOf(read(0x82, 0xff, 0, 0, 0, 0, 0, 3, 0x0d, 0x41, 0, 0, 0, 0)));
    assertEquals(1009, codeOf(read(0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
  }
}
