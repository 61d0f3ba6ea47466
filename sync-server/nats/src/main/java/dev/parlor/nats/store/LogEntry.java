package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.nats.client.Sha256;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An entry of a document's log: changes and operations on records that are stored together. The
 * operations come before the changes. Also the content of an object, which begins with a snapshot.
 *
 * <p>An entry may be stored a second time, later: a network can deliver a message that the writer
 * had given up. Changes may be repeated, operations may not. So an entry has its writer and a count
 * that grows from entry to entry of this writer. A reader ignores the operations of an entry whose
 * count is not greater than the last one of its writer. An object has the last counts of the
 * writers whose entries it contains, and which operations of these last entries had no effect.
 *
 * <p>Format, all numbers big-endian: version (1 byte), snapshot (length + 1, or 0 if there is none;
 * 4 bytes; then its bytes), writers (count of them, then writer and its count, 8 bytes each),
 * operations (count, then kind, name and values), changes (count, then hash, length, chunk), in an
 * object with operations without effect these (count of the writers, then writer, length, and the
 * bits of the operations' places, the lowest first), and the first 8 bytes of the SHA-256 of all
 * that.
 */
record LogEntry(
    Optional<Bytes> snapshot,
    Map<Long, Long> writers,
    List<RecordOperation> operations,
    List<ChangeRecord> changes,
    Map<Long, BitSet> withoutEffect) {

  private static final int VERSION = 1;
  private static final int CHECKSUM_BYTES = 8;
  private static final int PUT = 1;
  private static final int REMOVE = 2;
  private static final int REPLACE = 3;
  private static final int REPLACE_ABSENT = 4;

  LogEntry {
    writers = Collections.unmodifiableMap(new LinkedHashMap<>(writers));
    operations = List.copyOf(operations);
    changes = List.copyOf(changes);
    withoutEffect = Map.copyOf(withoutEffect);
  }

  LogEntry(
      Optional<Bytes> snapshot,
      Map<Long, Long> writers,
      List<RecordOperation> operations,
      List<ChangeRecord> changes) {
    this(snapshot, writers, operations, changes, Map.of());
  }

  /** The stored form. */
  Bytes encode() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(snapshot.map(chunk -> chunk.length() + 1).orElse(0));
      if (snapshot.isPresent()) {
        snapshot.get().writeTo(out);
      }
      out.writeInt(writers.size());
      for (var writer : writers.entrySet()) {
        out.writeLong(writer.getKey());
        out.writeLong(writer.getValue());
      }
      out.writeInt(operations.size());
      for (var operation : operations) {
        write(out, operation);
      }
      out.writeInt(changes.size());
      for (var change : changes) {
        out.write(change.hash().toArray());
        write(out, change.chunk());
      }
      if (!withoutEffect.isEmpty()) {
        out.writeInt(withoutEffect.size());
        for (var writer : withoutEffect.entrySet()) {
          out.writeLong(writer.getKey());
          write(out, Bytes.wrap(writer.getValue().toByteArray()));
        }
      }
      out.flush();
      out.write(Sha256.of(bytes.toByteArray()), 0, CHECKSUM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException("memory has no IO errors", e);
    }
    return Bytes.wrap(bytes.toByteArray());
  }

  private static void write(DataOutputStream out, RecordOperation operation) throws IOException {
    switch (operation) {
      case RecordOperation.Put(var record, var value) -> {
        out.writeByte(PUT);
        write(out, Bytes.utf8(record));
        write(out, value);
      }
      case RecordOperation.Remove(var record) -> {
        out.writeByte(REMOVE);
        write(out, Bytes.utf8(record));
      }
      case RecordOperation.Replace(var record, var expected, var value) -> {
        out.writeByte(expected.isPresent() ? REPLACE : REPLACE_ABSENT);
        write(out, Bytes.utf8(record));
        write(out, value);
        if (expected.isPresent()) {
          write(out, expected.get());
        }
      }
    }
  }

  private static void write(DataOutputStream out, Bytes bytes) throws IOException {
    out.writeInt(bytes.length());
    bytes.writeTo(out);
  }

  /** Reads the stored form; empty if it is damaged or has a newer version. */
  static Optional<LogEntry> decode(Bytes stored) {
    var length = stored.length() - CHECKSUM_BYTES;
    if (length < 1) {
      return Optional.empty();
    }
    var content = stored.slice(0, length).toArray();
    var checksum = stored.slice(length, CHECKSUM_BYTES).toArray();
    if (!Arrays.equals(checksum, Arrays.copyOf(Sha256.of(content), CHECKSUM_BYTES))) {
      return Optional.empty();
    }
    try (var in = new DataInputStream(new java.io.ByteArrayInputStream(content))) {
      if (in.readByte() != VERSION) {
        return Optional.empty();
      }
      var snapshotLength = in.readInt() - 1;
      Optional<Bytes> snapshot =
          snapshotLength < 0 ? Optional.empty() : Optional.of(read(in, snapshotLength));
      var writers = new LinkedHashMap<Long, Long>();
      for (var count = in.readInt(); count > 0; count--) {
        var writer = in.readLong();
        writers.put(writer, in.readLong());
      }
      var operations = new ArrayList<RecordOperation>();
      for (var count = in.readInt(); count > 0; count--) {
        operations.add(readOperation(in));
      }
      var changes = new ArrayList<ChangeRecord>();
      for (var count = in.readInt(); count > 0; count--) {
        var hash = ChangeHash.read(in.readNBytes(ChangeHash.LENGTH), 0);
        changes.add(new ChangeRecord(hash, read(in, in.readInt())));
      }
      var withoutEffect = new HashMap<Long, BitSet>();
      for (var count = in.available() > 0 ? in.readInt() : 0; count > 0; count--) {
        var writer = in.readLong();
        withoutEffect.put(writer, BitSet.valueOf(read(in, in.readInt()).toArray()));
      }
      return Optional.of(new LogEntry(snapshot, writers, operations, changes, withoutEffect));
    } catch (IOException | IllegalStateException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static RecordOperation readOperation(DataInputStream in) throws IOException {
    var kind = in.readByte();
    var record = read(in, in.readInt()).toUtf8();
    return switch (kind) {
      case PUT -> new RecordOperation.Put(record, read(in, in.readInt()));
      case REMOVE -> new RecordOperation.Remove(record);
      case REPLACE -> {
        var value = read(in, in.readInt());
        yield new RecordOperation.Replace(record, Optional.of(read(in, in.readInt())), value);
      }
      case REPLACE_ABSENT ->
          new RecordOperation.Replace(record, Optional.empty(), read(in, in.readInt()));
      default -> throw new IOException("unknown operation " + kind);
    };
  }

  private static Bytes read(DataInputStream in, int length) throws IOException {
    if (length < 0 || length > in.available()) {
      throw new IOException("a length beyond the end");
    }
    return Bytes.wrap(in.readNBytes(length));
  }
}
