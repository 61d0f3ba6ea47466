package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.relay.config.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests how the decoder divides a message into portions. */
class InboundDecoderTest {

  private static final Limits LIMITS = Limits.defaults();
  private static final int PORTION = LIMITS.work().portionBytesMax();

  private final InboundDecoder decoder = new InboundDecoder(LIMITS);

  private InboundMessage read(List<Bytes> changes) {
    var have = new SyncMessage.Have(List.of(), BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(
            SyncMessage.Kind.CHANGES, List.of(), List.of(), List.of(have), changes, null);
    return decoder.read(decoder.open(SyncMessageCodec.encode(message)).orElseThrow()).orElseThrow();
  }

  /** Changes that each set a key to this many random bytes. */
  private static List<Bytes> blobs(int count, int bytes) {
    var random = new java.util.Random(1);
    var changes = new ArrayList<Bytes>();
    try (var replica = Replica.create(new ActorId(Bytes.utf8("ada             ")))) {
      for (var i = 0; i < count; i++) {
        var blob = new byte[bytes];
        random.nextBytes(blob);
        var edit = new Edit.Put(Path.of("k" + i), new Value.Blob(Bytes.wrap(blob)));
        changes.add(replica.transact(List.of(edit)).orElseThrow());
      }
    }
    return changes;
  }

  @Test
  @DisplayName("a message with no changes or few bytes of changes is one portion")
  void smallMessageIsOnePortion() {
    assertFalse(read(List.of()).isDivided());
    assertEquals(List.of(), read(List.of()).portion(0));
    var small = read(blobs(3, 1_000));
    assertFalse(small.isDivided());
    assertEquals(3, small.portion(0).size());
  }

  @Test
  @DisplayName("the portions contain all changes in order, and no portion is above the limit")
  void portionsAreInOrderAndLimited() {
    var inbound = read(blobs(50, 20_000));
    assertTrue(inbound.ends().size() >= 4, inbound.ends().toString());
    var all = new ArrayList<ChangeChunk>();
    for (var number = 0; number < inbound.ends().size(); number++) {
      var portion = inbound.portion(number);
      assertTrue(portion.stream().mapToInt(change -> change.plain().length()).sum() <= PORTION);
      all.addAll(portion);
    }
    assertEquals(inbound.changes(), all);
  }

  @Test
  @DisplayName("a change larger than the limit of a portion is the only change of its portion")
  void largeChangeIsAPortion() {
    var changes = new ArrayList<>(blobs(3, 2 * PORTION));
    assertEquals(List.of(1, 2, 3), read(changes).ends());
  }

  private static Bytes save(List<Bytes> changes) {
    return Snapshots.build(Optional.empty(), changes);
  }

  private InboundDecoder.Undecoded open(List<ChangeHash> heads, Bytes... chunks) {
    var message =
        new SyncMessage(
            SyncMessage.Kind.BLOB,
            heads,
            List.of(),
            List.of(),
            List.of(Bytes.concat(List.of(chunks))),
            null);
    return decoder.open(SyncMessageCodec.encode(message)).orElseThrow();
  }

  @Test
  @DisplayName("[SY3] a document chunk and the changes after it give all changes, in portions")
  void documentChunk() {
    var blobs = blobs(50, 20_000);
    var undecoded =
        open(List.of(), save(blobs.subList(0, 40)), Bytes.concat(blobs.subList(40, 50)));
    assertTrue(decoder.isLong(undecoded), "a document is decoded on another thread");
    var inbound = decoder.read(undecoded).orElseThrow();
    assertEquals(blobs, inbound.changes().stream().map(ChangeChunk::plain).toList());
    assertTrue(inbound.isDivided());
    assertTrue(inbound.cost() > 50 * 20_000);
  }

  @Test
  @DisplayName(
      "[SY3] [AD3] a document chunk above a limit gives no changes, and the message's heads count as refused")
  void documentAboveALimit() {
    var few =
        new InboundDecoder(
            LIMITS.with(new Limits.Changes(8 << 20, 512L << 20, 2, 1_000, 1_000, 1_000)));
    var head = new ChangeHash(0x0102_0304_0000_0000L, 0, 0, 0);
    var inbound = few.read(open(List.of(head), save(blobs(3, 10)))).orElseThrow();
    assertEquals(List.of(), inbound.changes());
    assertEquals(1, inbound.unread().size());
    assertEquals(0x0102_0304, inbound.unread().getFirst().checksum());
    assertEquals("AD3", inbound.unread().getFirst().rule());
  }
}
