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

/** Properties of {@link WireCodec} for random messages and bytes. */
class WireCodecProperties {

  private static final Set<String> RULES = Set.of("WS1", "WS2", "WS3", "HS7");

  @Provide
  Arbitrary<WireMessage> messages() {
    return WireMessages.any();
  }

  @Property
  @Label("[WS2] every encoded message decodes to an equal message")
  void everyMessageReadsBack(@ForAll("messages") WireMessage message) {
    var frame = WireCodec.encode(message);
    assertEquals(message, WireCodec.decode(frame).orElseThrow());
    var decoder = new WireDecoder();
    decoder.decode(frame);
    assertEquals(message, decoder.decode(frame).orElseThrow());
  }

  @Property
  @Label("[SY6] frames of one message for two targets differ only at their end")
  void framesDifferOnlyAtTheirEnd(@ForAll("messages") WireMessage message) {
    if (message instanceof WireMessage.Directed directed) {
      var frame = WireCodec.encode(message);
      var shared = WireCodec.shared(directed);
      assertEquals(shared, frame.slice(0, shared.length()));
      var readdressed = Bytes.concat(List.of(shared, WireCodec.target(new PeerId("another peer"))));
      var decoded = (WireMessage.Directed) WireCodec.decode(readdressed).orElseThrow();
      assertEquals("another peer", decoded.targetId().value());
    }
  }

  @Property(tries = 5_000)
  @Label("[WS1] decoding arbitrary bytes never throws; they are read or refused under a rule")
  void arbitraryBytesNeverThrow(@ForAll byte[] bytes) {
    assertReadOrRefused(Bytes.copyOf(bytes));
  }

  @Property
  @Label("[WS1] a frame that is cut off at any position is refused")
  void aCutFrameIsRefused(@ForAll("messages") WireMessage message, @ForAll int randomIndex) {
    var frame = WireCodec.encode(message);
    var cut = frame.slice(0, Math.floorMod(randomIndex, frame.length()));
    assertInstanceOf(Decoding.Malformed.class, WireCodec.decode(cut));
  }

  @Property(tries = 5_000)
  @Label(
      "[WS1] decoding a frame with a changed byte never throws; it is read or refused under a rule")
  void aChangedByteNeverThrows(
      @ForAll("messages") WireMessage message, @ForAll int randomIndex, @ForAll byte value) {
    var bytes = WireCodec.encode(message).toArray();
    bytes[Math.floorMod(randomIndex, bytes.length)] = value;
    assertReadOrRefused(Bytes.wrap(bytes));
  }

  @Property
  @Label("[WS1] bytes after the message are refused")
  void trailingBytesAreRefused(@ForAll("messages") WireMessage message, @ForAll byte extra) {
    var frame = WireCodec.encode(message).toArray();
    var extended = Arrays.copyOf(frame, frame.length + 1);
    extended[frame.length] = extra;
    var refused =
        assertInstanceOf(Decoding.Malformed.class, WireCodec.decode(Bytes.wrap(extended)));
    assertEquals("WS1", refused.rule());
  }

  private static void assertReadOrRefused(Bytes frame) {
    if (WireCodec.decode(frame) instanceof Decoding.Malformed<WireMessage>(var rule, var reason)) {
      assertTrue(RULES.contains(rule), rule);
      assertTrue(!reason.isBlank());
    }
  }
}
