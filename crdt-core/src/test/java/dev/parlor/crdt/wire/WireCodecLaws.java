package dev.parlor.crdt.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.PeerId;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class WireCodecLaws {

  private static final Set<String> RULES = Set.of("WS1", "WS2", "WS3", "HS7");

  @Provide
  Arbitrary<WireMessage> messages() {
    return WireMessages.any();
  }

  @Property
  @Label("[WS2] every message reads back as it was written")
  void everyMessageReadsBack(@ForAll("messages") WireMessage message) {
    var frame = WireCodec.encode(message);
    assertEquals(message, WireCodec.decode(frame).orElseThrow());
    var decoder = new WireDecoder();
    decoder.decode(frame);
    assertEquals(message, decoder.decode(frame).orElseThrow());
  }

  @Property
  @Label("[SY6] what differs between two targets is only the end of the frame")
  void framesDifferOnlyAtTheirEnd(@ForAll("messages") WireMessage message) {
    if (message instanceof WireMessage.Directed directed) {
      var frame = WireCodec.encode(message);
      var shared = WireCodec.shared(directed);
      assertEquals(shared, frame.slice(0, shared.length()));
      var other = Bytes.concat(List.of(shared, WireCodec.target(new PeerId("someone else"))));
      var read = (WireMessage.Directed) WireCodec.decode(other).orElseThrow();
      assertEquals("someone else", read.targetId().value());
    }
  }

  @Property(tries = 5_000)
  @Label("[WS1] arbitrary bytes are read or refused under a rule, never thrown at")
  void arbitraryBytesNeverThrow(@ForAll byte[] bytes) {
    readOrRefused(Bytes.copyOf(bytes));
  }

  @Property
  @Label("[WS1] a frame cut off anywhere is refused")
  void aCutFrameIsRefused(@ForAll("messages") WireMessage message, @ForAll int place) {
    var frame = WireCodec.encode(message);
    var cut = frame.slice(0, Math.floorMod(place, frame.length()));
    assertInstanceOf(Decoding.Malformed.class, WireCodec.decode(cut));
  }

  @Property(tries = 5_000)
  @Label("[WS1] a frame with a changed byte is read or refused, never thrown at")
  void aChangedByteNeverThrows(
      @ForAll("messages") WireMessage message, @ForAll int place, @ForAll byte value) {
    var bytes = WireCodec.encode(message).toArray();
    bytes[Math.floorMod(place, bytes.length)] = value;
    readOrRefused(Bytes.wrap(bytes));
  }

  @Property
  @Label("[WS1] bytes after the message are refused")
  void trailingBytesAreRefused(@ForAll("messages") WireMessage message, @ForAll byte extra) {
    var frame = WireCodec.encode(message).toArray();
    var longer = Arrays.copyOf(frame, frame.length + 1);
    longer[frame.length] = extra;
    var refused = assertInstanceOf(Decoding.Malformed.class, WireCodec.decode(Bytes.wrap(longer)));
    assertEquals("WS1", refused.rule());
  }

  private static void readOrRefused(Bytes frame) {
    if (WireCodec.decode(frame) instanceof Decoding.Malformed<WireMessage>(var rule, var reason)) {
      assertTrue(RULES.contains(rule), rule);
      assertTrue(!reason.isBlank());
    }
  }
}
