package dev.parlor.relay.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The claim of one process on a data directory [DU5]: a lock on the file {@code lock}, which the
 * operating system releases when the process ends.
 */
final class DataDirectory implements Closeable {

  private static final int NOTE_BYTES_MAX = 32;
  private static final String DATABASE = "parlor.db";
  private static final String JOURNAL = "parlor.journal";
  private static final String CHANGES = "parlor.changes";
  private static final List<String> FILES = List.of(DATABASE, JOURNAL, CHANGES);
  private static final String SET_ASIDE = "parlor.changes.damaged-";
  private static final String SHARDS = "shards";

  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Creates the directory if it is missing, and claims it.
   *
   * @throws IOException with a sentence for the person who started the second process, or naming
   *     the directory that cannot be written
   */
  static DataDirectory claim(Path path) throws IOException {
    return claim(path, "the data directory " + path, "choose another directory with --data");
  }

  /** As {@link #claim} for one shard of a data directory. */
  DataDirectory claimShard(int number) throws IOException {
    return claim(
        shard(number),
        "the directory of shard " + number + ", " + shard(number) + ",",
        "let shard " + number + " be a directory of its own");
  }

  private static DataDirectory claim(Path path, String what, String orElse) throws IOException {
    FileChannel channel;
    try {
      Files.createDirectories(path);
      channel =
          FileChannel.open(
              path.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException(what + " cannot be written: " + e, e);
    }
    var lock = lock(channel, what);
    if (lock == null) {
      var holder = note(channel);
      channel.close();
      throw new IOException(
          what
              + " is in use by another Parlor server"
              + (holder == null ? "" : " (process " + holder + ")")
              + "; stop that one or "
              + orElse);
    }
    leaveNote(channel);
    return new DataDirectory(path, channel);
  }

  private static @Nullable FileLock lock(FileChannel channel, String what) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // This very process holds it.
    } catch (IOException e) {
      channel.close();
      throw new IOException(what + " cannot be locked: " + e, e);
    }
  }

  /** The path of a shard, or of a link to it. */
  Path shard(int number) {
    return path.resolve(SHARDS).resolve(Integer.toString(number));
  }

  /** The first of the store's files that is missing or unreadable; null if there is none. */
  @Nullable Path missing() {
    return missing(path);
  }

  /** As {@link #missing()} for a shard. */
  @Nullable Path missing(int number) {
    return missing(shard(number));
  }

  private static @Nullable Path missing(Path path) {
    return FILES.stream()
        .map(path::resolve)
        .filter(file -> !Files.isReadable(file))
        .findFirst()
        .orElse(null);
  }

  /** Whether a store was ever created under that name among the shards. */
  boolean isMade(String shard) {
    return Files.exists(path.resolve(SHARDS).resolve(shard).resolve(DATABASE));
  }

  /** The names of all files in the directory of the shards. */
  Set<String> shards() throws IOException {
    var shards = path.resolve(SHARDS);
    if (!Files.isDirectory(shards)) {
      return Set.of();
    }
    try (var files = Files.list(shards)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /**
   * Flushes the names in the directory, and the directory's own name in its parent, to the disk.
   */
  void forceNames() throws IOException {
    force(path);
    var above = path.toAbsolutePath().getParent();
    if (above != null) {
      force(above);
    }
  }

  private static void force(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  Path database() {
    return path.resolve(DATABASE);
  }

  Path journal() {
    return path.resolve(JOURNAL);
  }

  Path changeLog() {
    return path.resolve(CHANGES);
  }

  /** The path for a copy of a damaged change log, named by a sequence. */
  Path setAside(long sequence) {
    return path.resolve(SET_ASIDE + sequence);
  }

  /** The names of all such copies, from this start and earlier starts. */
  Set<String> setAside() throws IOException {
    try (var files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(SET_ASIDE))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /** The id of the process that holds the lock. It is shown to the operator only. */
  private static @Nullable String note(FileChannel channel) {
    try {
      var bytes = ByteBuffer.allocate(NOTE_BYTES_MAX);
      channel.read(bytes, 0);
      var text = StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip();
      return text.matches("[0-9]{1,10}") ? text : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static void leaveNote(FileChannel channel) {
    try {
      channel.truncate(0);
      var pid = Long.toString(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
    } catch (IOException e) {
      // Only the lock matters; a full disk must not prevent the start.
    }
  }
}
