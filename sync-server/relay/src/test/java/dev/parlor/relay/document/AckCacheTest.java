package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.relay.config.Limits;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AckCacheTest {

  private final InboundDecoder decoder = new InboundDecoder(Limits.defaults());
  private final AckCache cache = new AckCache();

  private static Bytes acknowledgement(int first, int last) {
    var hash = new byte[32];
    hash[0] = (byte) first;
    hash[31] = (byte) last;
    var heads = List.of(ChangeHash.read(hash, 0));
    return SyncMessageCodec.encode(
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            heads,
            List.of(),
            List.of(new SyncMessage.Have(heads, BloomFilter.EMPTY)),
            List.of(),
            null));
  }

  private InboundMessage decoded(Bytes data) {
    var undecoded = assertInstanceOf(Decoding.Decoded.class, decoder.open(data)).value();
    return ((Decoding.Decoded<InboundMessage>) decoder.read((InboundDecoder.Undecoded) undecoded))
        .value();
  }

  @Test
  @DisplayName("the cache returns the decoded message for equal bytes and nothing for other bytes")
  void cachedMessageIsFoundByItsBytes() {
    var one = acknowledgement(1, 1);
    var other = acknowledgement(1, 2);
    assertNull(cache.find(one));
    var message = decoded(one);
    cache.add(one, message);
    assertSame(message, cache.find(acknowledgement(1, 1)));
    assertNull(cache.find(other));
    cache.add(other, decoded(other));
    assertEquals(
        decoded(other).message().heads(),
        Objects.requireNonNull(cache.find(other)).message().heads());
  }

  @Test
  @DisplayName("a message below or above the cached lengths is not cached")
  void messagesOutsideTheLengthBoundsAreNotCached() {
    var message = decoded(acknowledgement(1, 1));
    for (var length : new int[] {0, 1, 5, 257}) {
      var bytes = Bytes.wrap(new byte[length]);
      cache.add(bytes, message);
      assertNull(cache.find(bytes));
    }
  }
}
