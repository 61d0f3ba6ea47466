package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.sync.SyncMessage.Have;
import dev.parlor.crdt.sync.SyncMessage.Kind;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Properties of {@link SyncMessageCodec} for random messages and bytes. */
class SyncMessageCodecProperties {

  private static final SyncLimits LIMITS = SyncLimits.DEFAULT;

  @Provide
  Arbitrary<List<ChangeHash>> hashes() {
    return Arbitraries.longs()
        .map(word -> new ChangeHash(word, word * 31, word * 17, word ^ 0x55))
        .list()
        .ofMaxSize(5);
  }

  @Provide
  Arbitrary<SyncMessage> messages() {
    var bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(40).map(Bytes::copyOf);
    var chunks =
        Arbitraries.bytes().array(byte[].class).ofMinSize(10).ofMaxSize(40).map(Bytes::copyOf);
    var have =
        Combinators.combine(hashes(), hashes())
            .as((lastSync, hashes) -> new Have(lastSync, BloomFilter.of(hashes, hashes.size())));
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            hashes(),
            hashes(),
            have.list().ofMaxSize(3),
            chunks.list().ofMaxSize(4),
            bytes.injectNull(0.5))
        .as(SyncMessage::new);
  }

  @Property
  @Label("[SY2] an encoded message decodes to an equal message")
  void aMessageDecodesToItself(@ForAll("messages") SyncMessage message) {
    assertEquals(
        message, SyncMessageCodec.decode(SyncMessageCodec.encode(message), LIMITS).orElseThrow());
  }

  @Property(tries = 3_000)
  @Label(
      "[SY2] decoding arbitrary bytes never throws, and a decoded message encodes to the same bytes")
  void arbitraryBytesNeverThrow(
      @ForAll @Size(max = 200) byte[] bytes, @ForAll boolean hasMessageType) {
    if (hasMessageType && bytes.length > 0) {
      bytes[0] = (byte) (0x42 + (bytes[0] & 1));
    }
    var input = Bytes.copyOf(bytes);
    if (SyncMessageCodec.decode(input, LIMITS)
        instanceof Decoding.Decoded<SyncMessage>(var message)) {
      var encoded = SyncMessageCodec.encode(message);
      assertEquals(input.slice(0, encoded.length()), encoded, "the same bytes up to the flags");
    }
    if (BloomFilter.decode(input, LIMITS) instanceof Decoding.Decoded<BloomFilter>(var filter)) {
      assertEquals(input, filter.encode());
    }
  }

  @Property(tries = 3_000)
  @Label(
      "[SY2] decoding an altered message never throws and allocates at most a constant times its length")
  void alteredMessagesNeverThrow(@ForAll("messages") SyncMessage message, @ForAll long seed) {
    var random = new Random(seed);
    var bytes = SyncMessageCodec.encode(message).toArray();
    for (var i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var input = Bytes.wrap(bytes);
    var before = threads.getCurrentThreadAllocatedBytes();
    SyncMessageCodec.decode(input, LIMITS);
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 64L * bytes.length + 100_000, "allocated " + allocated);
  }

  @Example
  @Label(
      "[SY2] lists above the limits are refused; the number of changes is limited only by the message's bytes")
  void listsAreBounded() {
    var limits = new SyncLimits(3, 3, 1, 3, 100, 7);
    var hashes = new ArrayList<ChangeHash>();
    for (var i = 0; i < 4; i++) {
      hashes.add(new ChangeHash(i, 0, 0, 0));
    }
    var three = hashes.subList(0, 3);
    var have = List.of(new Have(three, BloomFilter.of(three, 3)));
    var change = Bytes.ofHex("856f4a83" + "00000000" + "0100");
    var changes = Collections.nCopies(100_000, change);
    var kind = Kind.CHANGES;
    assertEquals(
        "accepted", outcome(new SyncMessage(kind, three, three, have, changes, null), limits));
    assertEquals(
        "heads is above 3",
        outcome(new SyncMessage(kind, hashes, three, have, changes, null), limits));
    assertEquals(
        "need is above 3",
        outcome(new SyncMessage(kind, three, hashes, have, changes, null), limits));
    assertEquals(
        "lastSync is above 3",
        outcome(
            new SyncMessage(
                kind, three, three, List.of(new Have(hashes, BloomFilter.EMPTY)), changes, null),
            limits));
    assertEquals(
        "the number of have entries is above 1",
        outcome(
            new SyncMessage(
                kind, three, three, List.of(have.getFirst(), have.getFirst()), changes, null),
            limits));
    assertEquals(
        "the bytes end within the changes",
        outcome(
            new SyncMessage(
                kind, three, three, have, Collections.nCopies(100_000, Bytes.EMPTY), null),
            limits));
    assertInstanceOf(
        Decoding.Malformed.class, SyncMessageCodec.decode(Bytes.ofHex("42ffff03"), LIMITS));
    assertInstanceOf(
        Decoding.Malformed.class,
        SyncMessageCodec.decode(Bytes.ofHex("42000000" + "ff3f"), LIMITS));
    assertInstanceOf(Decoding.Malformed.class, SyncMessageCodec.decode(Bytes.EMPTY, LIMITS));
    assertInstanceOf(
        Decoding.Malformed.class, BloomFilter.decode(Bytes.ofHex("ffffff0f0a07"), LIMITS));
    assertInstanceOf(
        Decoding.Malformed.class, BloomFilter.decode(Bytes.ofHex("010affffff0fffff"), LIMITS));
  }

  private static String outcome(SyncMessage message, SyncLimits limits) {
    return switch (SyncMessageCodec.decode(SyncMessageCodec.encode(message), limits)) {
      case Decoding.Decoded<SyncMessage> _ -> "accepted";
      case Decoding.Malformed<SyncMessage>(_, var reason) -> reason;
    };
  }
}
