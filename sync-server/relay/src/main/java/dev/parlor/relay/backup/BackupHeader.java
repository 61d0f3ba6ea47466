package dev.parlor.relay.backup;

import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The description at the start of a backup file: lines of a key, a space and a value.
 *
 * @param id the random id of this backup
 * @param createdAt the time of the commit that the backup shows
 * @param serverVersion the version of the server that made it, for the operator
 * @param storageId the id of the data directory
 * @param shards the number of shards of the data directory; 1 if it has none
 * @param pausedMicros how long the writers of the server waited for each other at that commit
 * @param base the backup whose unchanged values this backup leaves out; empty if it has all values
 */
public record BackupHeader(
    String id,
    Instant createdAt,
    String serverVersion,
    StorageId storageId,
    int shards,
    long pausedMicros,
    Optional<Base> base) {

  /** The version of the format; increased when an older server can no longer read backups. */
  static final int FORMAT = 1;

  /**
   * An earlier backup.
   *
   * @param sha256 the SHA-256 at the end of its file, hexadecimal
   */
  public record Base(String id, String sha256) {}

  /** The same header for a backup that leaves out the unchanged values of another. */
  public BackupHeader since(Base earlier) {
    return new BackupHeader(
        id, createdAt, serverVersion, storageId, shards, pausedMicros, Optional.of(earlier));
  }

  String text() {
    var text =
        new StringBuilder()
            .append("format ")
            .append(FORMAT)
            .append("\nid ")
            .append(id)
            .append("\ncreated ")
            .append(createdAt)
            .append("\nserver ")
            .append(serverVersion)
            .append("\nstorage ")
            .append(storageId.value())
            .append("\nshards ")
            .append(shards)
            .append("\npaused-micros ")
            .append(pausedMicros)
            .append('\n');
    base.ifPresent(
        earlier ->
            text.append("base ")
                .append(earlier.id)
                .append("\nbase-sha256 ")
                .append(earlier.sha256)
                .append('\n'));
    return text.toString();
  }

  /**
   * Reads the output of {@link #text}.
   *
   * @param file the name of the file, for the error
   * @throws IOException if the version is unknown or a line is missing
   */
  static BackupHeader parse(String text, String file) throws IOException {
    Map<String, String> lines = new HashMap<>();
    for (var line : text.split("\n", -1)) {
      var space = line.indexOf(' ');
      if (space > 0) {
        lines.put(line.substring(0, space), line.substring(space + 1));
      }
    }
    var format = lines.get("format");
    if (!Integer.toString(FORMAT).equals(format)) {
      throw new IOException(
          file
              + " has version "
              + format
              + " of the backup format, this server reads version "
              + FORMAT
              + "; use the server that made it");
    }
    try {
      var base = lines.get("base");
      return new BackupHeader(
          required(lines, "id", file),
          Instant.parse(required(lines, "created", file)),
          required(lines, "server", file),
          new StorageId(required(lines, "storage", file)),
          Integer.parseInt(required(lines, "shards", file)),
          Long.parseLong(required(lines, "paused-micros", file)),
          base == null
              ? Optional.empty()
              : Optional.of(new Base(base, required(lines, "base-sha256", file))));
    } catch (NumberFormatException | DateTimeParseException e) {
      throw new DamagedBackupException(file + ": its header cannot be read: " + e.getMessage(), e);
    }
  }

  private static String required(Map<String, String> lines, String key, String file)
      throws IOException {
    var value = lines.get(key);
    if (value == null) {
      throw new DamagedBackupException(file + ": its header has no line \"" + key + "\"");
    }
    return value;
  }
}
