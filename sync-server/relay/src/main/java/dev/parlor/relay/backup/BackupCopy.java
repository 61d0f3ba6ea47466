package dev.parlor.relay.backup;

import dev.parlor.relay.storage.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Copies the stream of a server into a backup file: whole, or without the values that an earlier
 * backup has. The stream and the earlier backup have the same order, so both are read once, side by
 * side. Used by one thread.
 */
public final class BackupCopy {

  /**
   * What a copy has.
   *
   * @param values the values in the server's stream
   * @param written the values that were written
   * @param removed the values of the earlier backup that no longer exist
   * @param damaged the values that the server cannot read
   */
  public record Summary(
      BackupHeader header, long values, long written, long removed, long damaged) {}

  private final BackupReader source;
  private final BackupWriter target;
  private long values;
  private long written;
  private long removed;
  private long damaged;

  private BackupCopy(BackupReader source, BackupWriter target) {
    this.source = source;
    this.target = target;
  }

  /**
   * Copies a stream.
   *
   * @param base the earlier backup; empty to copy every value
   * @throws IOException with one sentence for the operator: the stream ends early, the earlier
   *     backup is of another data directory or cannot be read, or the file cannot be written
   */
  public static Summary copy(InputStream stream, Optional<BackupChain> base, OutputStream out)
      throws IOException {
    try (var source = new BackupReader("the backup from the server", stream, true)) {
      var header = source.header();
      if (base.isEmpty()) {
        var copy = new BackupCopy(source, new BackupWriter(out, header));
        copy.copyAll();
        return copy.end(header);
      }
      var earlier = BackupChain.header(base.get().newest());
      if (!earlier.storageId().equals(header.storageId()) || earlier.shards() != header.shards()) {
        throw new IOException(
            base.get().newest()
                + " is a backup of another data directory; choose another folder, or make a full"
                + " backup with --full");
      }
      var since =
          header.since(
              new BackupHeader.Base(earlier.id(), BackupChain.storedSha256(base.get().newest())));
      try (var joined = new JoinedBackup(base.get())) {
        var copy = new BackupCopy(source, new BackupWriter(out, since));
        copy.copyChanges(joined);
        return copy.end(since);
      }
    }
  }

  private Summary end(BackupHeader header) throws IOException {
    if (!source.wholeIsIntact()) {
      throw new DamagedBackupException("the backup from the server fails its checksum");
    }
    var _ = target.end();
    return new Summary(header, values, written, removed, damaged);
  }

  private void copyAll() throws IOException {
    source.advance();
    while (!source.ended()) {
      write();
      source.advance();
    }
  }

  private void copyChanges(JoinedBackup earlier) throws IOException {
    source.advance();
    var hasEarlier = earlier.next();
    while (!source.ended() || hasEarlier) {
      var order =
          source.ended() ? 1 : !hasEarlier ? -1 : sourcePlace().compareTo(earlier.entry().place());
      if (order > 0) {
        removed++;
        target.removed(earlier.entry().place());
      } else if (order < 0) {
        write();
      } else {
        writeIfChanged(earlier.entry());
      }
      if (order <= 0) {
        source.advance();
      }
      if (order >= 0) {
        hasEarlier = earlier.next();
      }
    }
  }

  private Place sourcePlace() {
    return entry().place();
  }

  private BackupEntry entry() {
    var entry = source.entry();
    if (entry == null) {
      throw new IllegalStateException("the source has no entry");
    }
    return entry;
  }

  private void writeIfChanged(BackupEntry earlier) throws IOException {
    var now = entry();
    if (now.type() == BackupEntry.Type.DAMAGED && earlier.type() == BackupEntry.Type.VALUE) {
      values++;
      damaged++; // The earlier backup has the value from before the damage, which stays in force.
    } else if (now.type() == earlier.type() && now.sha256().equals(earlier.sha256())) {
      values++;
      damaged += now.type() == BackupEntry.Type.DAMAGED ? 1 : 0;
    } else {
      write();
    }
  }

  private void write() throws IOException {
    var entry = entry();
    var value =
        source
            .value()
            .orElseThrow(
                () ->
                    new DamagedBackupException(
                        "the backup from the server was damaged on its way: "
                            + entry.place().description()));
    values++;
    written++;
    if (entry.type() == BackupEntry.Type.DAMAGED) {
      damaged++;
      target.damaged(entry.place(), value.toUtf8());
    } else {
      target.value(entry.place(), value);
    }
  }
}
