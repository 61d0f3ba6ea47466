package dev.parlor.server.storage;

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
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The claim of one process on a data directory [DU5]: a lock on the file {@code lock}, which the
 * operating system lets go of when the process ends in whatever way.
 */
final class DataDirectory implements Closeable {

  private static final int NOTE_BYTES_MAX = 32;
  private static final String SET_ASIDE = "parlor.changes.damaged-";

  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Makes the directory when it is not there and claims it.
   *
   * @throws IOException with a sentence for the person who started the second process, or naming
   *     the directory that cannot be written
   */
  @SuppressWarnings("EmptyCatch") // a second claim within one process is told like any other
  static DataDirectory claim(Path path) throws IOException {
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
      throw new IOException("the data directory " + path + " cannot be written: " + e, e);
    }
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // This very process holds it.
    } catch (IOException e) {
      channel.close();
      throw new IOException("the data directory " + path + " cannot be locked: " + e, e);
    }
    if (lock == null) {
      var holder = note(channel);
      channel.close();
      throw new IOException(
          "the data directory "
              + path
              + " is in use by another Parlor server"
              + (holder == null ? "" : " (process " + holder + ")")
              + "; stop that one or choose another directory with --data");
    }
    leaveNote(channel);
    return new DataDirectory(path, channel);
  }

  Path database() {
    return path.resolve("parlor.db");
  }

  Path journal() {
    return path.resolve("parlor.journal");
  }

  Path changeLog() {
    return path.resolve("parlor.changes");
  }

  /** A copy of the change log that somebody should look at, named by a sequence. */
  Path setAside(long sequence) {
    return path.resolve(SET_ASIDE + sequence);
  }

  /** The names of such copies, of this start and of earlier ones. */
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

  /** The number of the process that holds the lock; a help for people, nothing depends on it. */
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
      // The lock is what counts; a full disk must not keep the server from starting.
    }
  }
}
