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

  private static final int PROCESS_ID_BYTES_MAX = 32;
  private static final String LOCK = "lock";
  private static final String DATABASE = "parlor.db";
  private static final String JOURNAL = "parlor.journal";
  private static final String CHANGES = "parlor.changes";
  private static final List<String> FILES = List.of(DATABASE, JOURNAL, CHANGES);
  private static final String DAMAGED_LOG_PREFIX = "parlor.changes.damaged-";
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
   * @throws IOException with one sentence for the operator: the directory is in use by another
   *     process, or cannot be written
   */
  static DataDirectory claim(Path path) throws IOException {
    return claim(path, "the data directory " + path, "choose another directory with --data");
  }

  /**
   * Claims an existing directory for reading, without changing it.
   *
   * @throws IOException with one sentence for the operator: this is no data directory, or a server
   *     has it open
   */
  static DataDirectory claimToRead(Path path) throws IOException {
    var database = path.resolve(DATABASE);
    if (!Files.isReadable(database)) {
      throw new IOException(path + " is no data directory: " + database + " cannot be read");
    }
    var lockFile = path.resolve(LOCK);
    var hasLock = Files.exists(lockFile);
    var channel = FileChannel.open(hasLock ? lockFile : database, StandardOpenOption.READ);
    if (hasLock && !lockToRead(channel)) {
      var holder = lockHolder(channel);
      channel.close();
      throw new IOException(
          path
              + " is in use by a Parlor server"
              + (holder == null ? "" : " (process " + holder + ")")
              + "; stop that server first, or make a backup and check the backup");
    }
    return new DataDirectory(path, channel);
  }

  private static boolean lockToRead(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(0, Long.MAX_VALUE, true) != null;
    } catch (OverlappingFileLockException e) {
      return false; // This process itself holds the lock.
    }
  }

  /** Like {@link #claim}, for the directory of one shard. */
  DataDirectory claimShard(int number) throws IOException {
    return claim(
        shard(number),
        "the directory of shard " + number + ", " + shard(number) + ",",
        "let shard " + number + " be a directory of its own");
  }

  private static DataDirectory claim(Path path, String description, String remedy)
      throws IOException {
    FileChannel channel;
    try {
      Files.createDirectories(path);
      channel =
          FileChannel.open(
              path.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException(description + " cannot be written: " + e, e);
    }
    var lock = lock(channel, description);
    if (lock == null) {
      var holder = lockHolder(channel);
      channel.close();
      throw new IOException(
          description
              + " is in use by another Parlor server"
              + (holder == null ? "" : " (process " + holder + ")")
              + "; stop that one or "
              + remedy);
    }
    writeProcessId(channel);
    return new DataDirectory(path, channel);
  }

  private static @Nullable FileLock lock(FileChannel channel, String description)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // This process itself holds the lock.
    } catch (IOException e) {
      channel.close();
      throw new IOException(description + " cannot be locked: " + e, e);
    }
  }

  /** The path of a shard, or of a link to it. */
  Path shard(int number) {
    return path.resolve(SHARDS).resolve(Integer.toString(number));
  }

  /** The first of the store's files that is missing or unreadable; null if there is none. */
  @Nullable Path missingFile() {
    return missingFile(path);
  }

  /** Like {@link #missingFile()}, for a shard. */
  @Nullable Path missingFile(int number) {
    return missingFile(shard(number));
  }

  private static @Nullable Path missingFile(Path path) {
    return FILES.stream()
        .map(path::resolve)
        .filter(file -> !Files.isReadable(file))
        .findFirst()
        .orElse(null);
  }

  /** Whether the directory of this shard has a store. */
  boolean hasStore(String shard) {
    return Files.exists(path.resolve(SHARDS).resolve(shard).resolve(DATABASE));
  }

  /** The names in the directory of the shards; usually the numbers of the shards. */
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
    var parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      force(parent);
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

  /** The path for blocks that commits replace while a backup reads their former contents. */
  Path frozenBlocks() {
    return path.resolve("parlor.former");
  }

  /** The path for a copy of a damaged change log whose last entry has this sequence. */
  Path damagedLogCopy(long sequence) {
    return path.resolve(DAMAGED_LOG_PREFIX + sequence);
  }

  /** The file names of all copies of damaged change logs, from this start and earlier starts. */
  Set<String> damagedLogCopies() throws IOException {
    try (var files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(DAMAGED_LOG_PREFIX))
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

  /** The id of the process that holds the lock, for error messages; null if it cannot be read. */
  private static @Nullable String lockHolder(FileChannel channel) {
    try {
      var bytes = ByteBuffer.allocate(PROCESS_ID_BYTES_MAX);
      channel.read(bytes, 0);
      var text = StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip();
      return text.matches("[0-9]{1,10}") ? text : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static void writeProcessId(FileChannel channel) {
    try {
      channel.truncate(0);
      var pid = Long.toString(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
    } catch (IOException e) {
      // Only the lock matters; a full disk must not prevent the start.
    }
  }
}
