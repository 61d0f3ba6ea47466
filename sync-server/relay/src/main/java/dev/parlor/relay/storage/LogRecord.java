package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record of a document's log: the changes that one group commit added. Its payload is {@code
 * (hash 32 | length u32 | chunk)*}.
 *
 * <p>The key is {@code document number << 35 | sequence}. So the records of a document are adjacent
 * in append order, and one range scan reads them.
 */
final class LogRecord {

  /**
   * The maximum size of a record. If a group has more bytes for one document, they go into several
   * records.
   */
  static final int BYTES_MAX = 1 << 20;

  private static final int SEQUENCE_BITS = 35;

  /** A sequence above every sequence in use. */
  static final long SEQUENCE_END = (1L << SEQUENCE_BITS) - 1;

  private static final int ENTRY_HEADER_BYTES = ChangeHash.LENGTH + 4;

  private LogRecord() {}

  static long key(long document, long sequence) {
    return document << SEQUENCE_BITS | sequence;
  }

  static long document(long key) {
    return key >>> SEQUENCE_BITS;
  }

  static long sequence(long key) {
    return key & ((1L << SEQUENCE_BITS) - 1);
  }

  static String place(long key) {
    return "log/" + key;
  }

  static int bytes(ChangeRecord change) {
    return ENTRY_HEADER_BYTES + change.chunk().length();
  }

  static byte[] encode(long key, List<ChangeRecord> changes) {
    var total = changes.stream().mapToInt(LogRecord::bytes).reduce(0, Math::addExact);
    var record = new byte[ChecksummedRecord.HEADER_BYTES + total];
    var at = ChecksummedRecord.HEADER_BYTES;
    var buffer = ByteBuffer.wrap(record);
    for (var change : changes) {
      change.hash().write(record, at);
      buffer.putInt(at + ChangeHash.LENGTH, change.chunk().length());
      change.chunk().copyTo(record, at + ENTRY_HEADER_BYTES);
      at += bytes(change);
    }
    return ChecksummedRecord.addHeader(place(key), record);
  }

  /** A record with these bytes that {@link #decode} recognizes as damaged. */
  static byte[] damaged(long key, Bytes raw) {
    var record = ChecksummedRecord.seal(place(key), raw);
    record[1] ^= (byte) 0xff;
    return record;
  }

  /** The changes, whose bytes share one array; null if the record is damaged. */
  static @Nullable List<ChangeRecord> decode(long key, byte[] record) {
    if (ChecksummedRecord.open(place(key), record) == null) {
      return null;
    }
    var buffer = ByteBuffer.wrap(record);
    var changes = new ArrayList<ChangeRecord>();
    for (var at = ChecksummedRecord.HEADER_BYTES; at < record.length; ) {
      var hash = ChangeHash.read(record, at);
      var length = buffer.getInt(at + ChangeHash.LENGTH);
      changes.add(new ChangeRecord(hash, Bytes.wrap(record, at + ENTRY_HEADER_BYTES, length)));
      at += ENTRY_HEADER_BYTES + length;
    }
    return changes;
  }
}
