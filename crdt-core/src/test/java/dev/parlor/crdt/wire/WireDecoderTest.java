package dev.parlor.crdt.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WireDecoderTest {

  private static final PeerId ALICE = new PeerId("alice");
  private static final PeerId SERVER = new PeerId("server");

  private final WireDecoder decoder = new WireDecoder();

  private static DocumentId document(int n) {
    var bytes = new byte[16];
    bytes[0] = (byte) n;
    return DocumentId.of(Bytes.wrap(bytes));
  }

  private static WireMessage.Sync sync(PeerId from, int document, int... data) {
    var bytes = new byte[data.length];
    for (var i = 0; i < data.length; i++) {
      bytes[i] = (byte) data[i];
    }
    return new WireMessage.Sync(from, SERVER, document(document), Bytes.wrap(bytes));
  }

  private void assertDecodes(WireMessage message) {
    assertEquals(Decoding.of(message), decoder.decode(WireCodec.encode(message)));
  }

  @Test
  @DisplayName(
      "a frame that differs from the previous frame in any field is decoded correctly despite the cache")
  void framesThatDifferInOneField() {
    assertDecodes(sync(ALICE, 1, 1, 2, 3));
    assertDecodes(sync(ALICE, 1, 3, 2, 1));
    assertDecodes(sync(ALICE, 2, 3, 2, 1));
    assertDecodes(sync(new PeerId("alicf"), 2, 3, 2, 1));
    assertDecodes(sync(ALICE, 1, 3, 2, 1, 0));
    var other =
        new WireMessage.Sync(ALICE, new PeerId("serves"), document(1), Bytes.wrap(new byte[3]));
    assertDecodes(sync(ALICE, 1, 1, 2, 3));
    assertDecodes(other);
    assertDecodes(
        new WireMessage.Request(ALICE, SERVER, document(1), Bytes.wrap(new byte[] {9, 9, 9})));
    assertDecodes(new WireMessage.Leave(ALICE));
    assertDecodes(sync(ALICE, 1, 4, 5, 6));
  }

  @Test
  @DisplayName("a repeated frame with one changed byte is decoded as by a new decoder")
  void repeatedFrameWithOneChangedByte() {
    var random = new Random(7);
    var frame = WireCodec.encode(sync(ALICE, 1, 1, 2, 3, 4, 5, 6, 7, 8)).toArray();
    for (var index = 0; index < frame.length; index++) {
      for (var tries = 0; tries < 8; tries++) {
        decoder.decode(Bytes.copyOf(frame));
        var changed = frame.clone();
        changed[index] ^= (byte) (1 + random.nextInt(255));
        assertEquals(
            new WireDecoder().decode(Bytes.copyOf(changed)), decoder.decode(Bytes.copyOf(changed)));
      }
    }
  }

  @Test
  @DisplayName("[WS3] empty data is refused, also after a frame with data")
  void emptyData() {
    assertDecodes(sync(ALICE, 1, 1));
    var empty = WireCodec.encode(sync(ALICE, 1));
    assertInstanceOf(Decoding.Malformed.class, decoder.decode(empty));
  }
}
