package dev.parlor.crdt.sync;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.sync.SyncMessage.Have;
import dev.parlor.crdt.sync.SyncMessage.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes sync messages [SY2]. Decoded changes, filters and flags share the input's
 * array. Bytes after the flags are ignored, as Automerge does, so that later versions may add
 * fields.
 */
public final class SyncMessageCodec {

  private static final String RULE = "SY2";

  /**
   * The minimum length of an encoded change: its length, magic bytes, checksum, type and length.
   */
  private static final int CHANGE_BYTES_MIN = 11;

  private SyncMessageCodec() {}

  public static Decoding<SyncMessage> decode(Bytes bytes, SyncLimits limits) {
    var reader = new ByteReader(bytes);
    var code = reader.u8("the message's type");
    var kind = code == Kind.BLOB.code() ? Kind.BLOB : Kind.CHANGES;
    if (code != kind.code()) {
      reader.fail("a sync message starts with 42 or 43");
    }
    var heads = reader.hashes("heads", limits.headsMax());
    var need = reader.hashes("need", limits.needMax());
    var have = haves(reader, limits);
    var changes = changes(reader);
    var flags = reader.remaining() > 0 ? reader.prefixed("flags", reader.remaining()) : null;
    if (reader.failed()) {
      return Decoding.malformed(RULE, reader.failure());
    }
    return Decoding.of(new SyncMessage(kind, heads, need, have, changes, flags));
  }

  public static Bytes encode(SyncMessage message) {
    var filters = new ArrayList<Bytes>(message.have().size());
    var size = 64 + 32 * (message.heads().size() + message.need().size());
    for (var have : message.have()) {
      filters.add(have.filter().encode());
      size += 16 + 32 * have.lastSync().size() + filters.getLast().length();
    }
    for (var change : message.changes()) {
      size = Math.addExact(size, 5 + change.length());
    }
    var writer =
        new ByteWriter(size)
            .u8(message.kind().code())
            .hashes(message.heads())
            .hashes(message.need())
            .uleb(message.have().size());
    for (var i = 0; i < filters.size(); i++) {
      writer.hashes(message.have().get(i).lastSync()).prefixed(filters.get(i));
    }
    writer.uleb(message.changes().size());
    for (var change : message.changes()) {
      writer.prefixed(change);
    }
    @Nullable Bytes flags = message.flags();
    if (flags != null) {
      writer.prefixed(flags);
    }
    return writer.toBytes();
  }

  private static List<Have> haves(ByteReader reader, SyncLimits limits) {
    var count = reader.count("the number of have entries", limits.haveMax());
    var haves = new ArrayList<Have>(count);
    for (var i = 0; i < count && !reader.failed(); i++) {
      var lastSync = reader.hashes("lastSync", limits.lastSyncMax());
      var bytes = reader.prefixed("the Bloom filter", limits.filterBytesMax());
      switch (BloomFilter.decode(bytes, limits)) {
        case Decoding.Decoded<BloomFilter>(var filter) -> haves.add(new Have(lastSync, filter));
        case Decoding.Malformed<BloomFilter>(_, var reason) -> reader.fail(reason);
      }
    }
    return haves;
  }

  /** Reads the changes. The remaining bytes limit their number before a list is allocated. */
  private static List<Bytes> changes(ByteReader reader) {
    var count = reader.uleb("the number of changes");
    if (count > 1 && count > reader.remaining() / CHANGE_BYTES_MIN) {
      reader.fail("the bytes end within the changes");
      return List.of();
    }
    var changes = new ArrayList<Bytes>((int) count);
    for (var i = 0; i < count && !reader.failed(); i++) {
      changes.add(reader.prefixed("a change", reader.remaining()));
    }
    return changes;
  }
}
