package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads and writes the values that {@link StoreView} has for the logs of documents. */
public final class StoredLog {

  private static final int LENGTH_BYTES = 4;

  private StoredLog() {}

  /** The changes of a value; empty if its lengths are wrong. The format is {@link LogRecord}'s. */
  public static Optional<List<ChangeRecord>> changes(Bytes value) {
    var bytes = value.toArray();
    var buffer = value.buffer();
    var changes = new ArrayList<ChangeRecord>();
    var at = 0;
    while (at < bytes.length) {
      var chunkAt = at + ChangeHash.LENGTH + LENGTH_BYTES;
      var length = chunkAt > bytes.length ? -1 : buffer.getInt(at + ChangeHash.LENGTH);
      if (length < 0 || length > bytes.length - chunkAt) {
        return Optional.empty();
      }
      changes.add(new ChangeRecord(ChangeHash.read(bytes, at), Bytes.wrap(bytes, chunkAt, length)));
      at = chunkAt + length;
    }
    return Optional.of(changes);
  }

  /** The values for changes, in their order; {@link #changes} of each gives the changes again. */
  public static List<Bytes> values(List<ChangeRecord> changes) {
    var values = new ArrayList<Bytes>();
    var group = new ArrayList<Bytes>();
    var bytes = 0L;
    for (var change : changes) {
      if (bytes > 0 && bytes + LogRecord.bytes(change) > LogRecord.BYTES_MAX) {
        values.add(Bytes.concat(group));
        group.clear();
        bytes = 0;
      }
      var head = ByteBuffer.allocate(ChangeHash.LENGTH + LENGTH_BYTES);
      change.hash().write(head.array(), 0);
      head.putInt(ChangeHash.LENGTH, change.chunk().length());
      group.add(Bytes.wrap(head.array()));
      group.add(change.chunk());
      bytes += LogRecord.bytes(change);
    }
    if (bytes > 0) {
      values.add(Bytes.concat(group));
    }
    return values;
  }
}
