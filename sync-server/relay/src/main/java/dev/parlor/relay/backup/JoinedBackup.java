package dev.parlor.relay.backup;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.Place;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a chain together. For each place the newest file counts that has an entry for
 * it. Memory does not grow with the size of the backup. Used by one thread.
 */
final class JoinedBackup implements Closeable {

  private final List<BackupReader> readers = new ArrayList<>();
  private @Nullable BackupReader current;

  /** Opens the files, and is before the first entry. */
  JoinedBackup(BackupChain chain) throws IOException {
    try {
      for (var file : chain.files()) {
        var reader = BackupReader.open(file, false);
        readers.add(reader);
        reader.advance();
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Goes to the next value or damaged value; false at the end. */
  boolean next() throws IOException {
    while (true) {
      var passed = current;
      if (passed != null) {
        skip(placeOf(passed));
        current = null;
      }
      BackupReader first = null;
      for (var reader : readers) {
        // Among equal places the last reader is the newest file.
        if (!reader.ended() && (first == null || placeOf(reader).compareTo(placeOf(first)) <= 0)) {
          first = reader;
        }
      }
      if (first == null) {
        return false;
      }
      current = first;
      if (entry().type() != BackupEntry.Type.REMOVED) {
        return true;
      }
    }
  }

  private void skip(Place place) throws IOException {
    for (var reader : readers) {
      if (!reader.ended() && placeOf(reader).equals(place)) {
        reader.advance();
      }
    }
  }

  private static Place placeOf(BackupReader reader) {
    var entry = reader.entry();
    if (entry == null) {
      throw new IllegalStateException("the reader has no entry");
    }
    return entry.place();
  }

  /** The current entry: a value or a damaged value. */
  BackupEntry entry() {
    var reader = current;
    var entry = reader == null ? null : reader.entry();
    if (entry == null) {
      throw new IllegalStateException("there is no current entry");
    }
    return entry;
  }

  /** The current value; empty if it fails its checksum. May be called once for each entry. */
  Optional<Bytes> value() throws IOException {
    var reader = current;
    if (reader == null) {
      throw new IllegalStateException("there is no current entry");
    }
    return reader.value();
  }

  /** The name of the file with the current entry. */
  String fileName() {
    var reader = current;
    return reader == null ? "" : reader.name();
  }

  @Override
  public void close() throws IOException {
    for (var reader : readers) {
      reader.close();
    }
  }
}
