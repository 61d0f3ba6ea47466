package dev.parlor.server.storage;

import dev.parlor.crdt.identity.Bytes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead log of changes: an append is one write and one flush, and the trees absorb it
 * later. Used by one thread.
 *
 * <h2>Sequences</h2>
 *
 * Entries ({@link LogEntry}) follow each other from the start of the file, their sequences count up
 * by one. Once the trees have absorbed all of them, the database remembers a sequence above all of
 * theirs and the log starts over at the beginning of the file; what still lies behind the new
 * entries is told by its lower sequences. A sequence is never used again after {@link #restart},
 * not even that of an entry which failed.
 *
 * <h2>A torn end and damage in the middle</h2>
 *
 * An entry is written only after the one before is on the disk. So an entry that cannot be read
 * with nothing newer behind it was being written when the process died, and nobody was told that it
 * is saved: it is left out. When something newer does lie behind it, it had been on the disk whole,
 * and what cannot be read of it is damage, which is told with its document where that is known.
 *
 * <h2>Why a commit is cheap</h2>
 *
 * The file is filled with zeros a step at a time before it is written to, and used again from its
 * start, so that a durable write has no length and no new blocks to write down; and where the disk
 * can, it goes past the system's cache ({@link DirectLogFile}).
 */
final class ChangeLog implements Closeable {

  private static final int STEP_BYTES = 1 << 18;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Longer entries are the trees' business. */
  static final int ENTRY_BYTES_MAX = 1 << 20;

  /** What {@link #replay} found. */
  record Replay(List<Found> found, List<String> damage, @Nullable String torn) {}

  /**
   * A section in the log.
   *
   * @param changes null when it is damaged; then {@code raw} holds its bytes as they are
   */
  record Found(
      String document, @Nullable List<ChangeStore.ChangeRecord> changes, @Nullable Bytes raw) {}

  private final LogFile file;
  private final long salt;
  private final long bytesMax;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private long position;
  private long sequence;
  private long filled;

  /**
   * {@link #replay} comes before the first append.
   *
   * @param absorbed no entry up to this sequence is needed any more
   * @param bytesMax of the file; entries beyond are not taken
   */
  ChangeLog(LogFile file, long salt, long absorbed, long bytesMax) throws IOException {
    this.file = file;
    this.salt = salt;
    this.sequence = absorbed;
    this.bytesMax = bytesMax;
    this.filled = file.size();
  }

  /** Reads what the trees have not absorbed, oldest first. */
  Replay replay() throws IOException {
    var bytes = contents();
    var found = new ArrayList<Found>();
    var damage = new ArrayList<String>();
    String torn = null;
    var at = 0;
    while (true) {
      var head = LogEntry.read(bytes, at, salt);
      if (head == null || head.sequence() != sequence + 1) {
        var next = newer(bytes, at, sequence);
        if (next < 0) {
          torn = head == null && looksTorn(bytes, at) ? "its head cannot be read" : null;
          break;
        }
        var later = LogEntry.read(bytes, next, salt);
        if (later != null && later.sequence() > sequence + 1) {
          misses(bytes, at, next, later.sequence(), found, damage);
          sequence = later.sequence() - 1;
        }
        at = next;
      } else if (intact(head) || newer(bytes, head.end(), head.sequence()) >= 0) {
        take(bytes, head, found, damage);
        sequence++;
        at = head.end();
      } else {
        torn = "it names the documents " + documents(head);
        break;
      }
    }
    position = at;
    return new Replay(found, damage, torn);
  }

  private ByteBuffer contents() throws IOException {
    if (filled > Integer.MAX_VALUE - 8) {
      throw new IOException("the change log has " + filled + " bytes, more than was ever written");
    }
    var bytes = ByteBuffer.allocate((int) filled);
    if (!file.read(bytes, 0)) {
      throw new IOException("the change log ends before its length");
    }
    return bytes.flip();
  }

  /** Where the first readable entry above that sequence begins, or -1. */
  private int newer(ByteBuffer bytes, int from, long than) {
    for (var at = from; at + LogEntry.FIXED_BYTES <= bytes.limit(); at += LogEntry.ALIGNMENT) {
      if (bytes.getLong(at) == salt && bytes.getLong(at + 8) > than) {
        var head = LogEntry.read(bytes, at, salt);
        if (head != null) {
          return at;
        }
      }
    }
    return -1;
  }

  private boolean looksTorn(ByteBuffer bytes, int at) {
    return at + LogEntry.FIXED_BYTES <= bytes.limit()
        && bytes.getLong(at) == salt
        && bytes.getLong(at + 8) == sequence + 1;
  }

  /** Entries whose heads are damaged lie between here and there. */
  private void misses(
      ByteBuffer bytes, int at, int next, long until, List<Found> found, List<String> damage) {
    var salvaged = until == sequence + 2 ? LogEntry.salvage(bytes, at, next) : null;
    if (salvaged != null) {
      take(bytes, salvaged, found, damage);
    } else {
      damage.add(
          "entries "
              + (sequence + 1)
              + " to "
              + (until - 1)
              + ", whose documents cannot be told (bytes "
              + at
              + " to "
              + next
              + ")");
    }
  }

  private void take(ByteBuffer bytes, LogEntry.Head head, List<Found> found, List<String> damage) {
    for (var section : head.sections()) {
      if (section.intact()) {
        found.add(new Found(section.document(), LogEntry.changes(bytes, section), null));
      } else {
        var raw = new byte[section.bytes()];
        bytes.get(section.at(), raw);
        found.add(new Found(section.document(), null, Bytes.wrap(raw)));
        damage.add("entry " + (sequence + 1) + ", document " + section.document());
      }
    }
  }

  private static boolean intact(LogEntry.Head head) {
    return head.sections().stream().allMatch(LogEntry.Section::intact);
  }

  private static List<String> documents(LogEntry.Head head) {
    return head.sections().stream().map(LogEntry.Section::document).distinct().toList();
  }

  /** Whether the log has room for these appends. */
  boolean takes(List<Write> group, long bytes) {
    var most = LogEntry.bytesMax(group, bytes);
    return most <= ENTRY_BYTES_MAX && position + most <= bytesMax;
  }

  /**
   * Writes one entry and waits until it is on the disk. When that fails the entry is wiped as far
   * as the disk lets us; should it come back at the next start after all, changes that were
   * reported as failed are kept, which harms nobody.
   *
   * @param group appends that the log {@link #takes}
   */
  void append(List<Write> group, long bytes) throws IOException {
    var most = (int) LogEntry.bytesMax(group, bytes);
    if (buffer.capacity() < most) {
      buffer = ByteBuffer.allocateDirect(Integer.highestOneBit(most) * 2);
    }
    LogEntry.encode(buffer, salt, sequence + 1, group, crc);
    var length = buffer.limit();
    try {
      fill(position + length);
      file.writeDurably(buffer, position);
    } catch (IOException e) {
      wipe(e);
      throw e;
    }
    position += length;
    sequence++;
  }

  /** The last sequence that was given to an entry. */
  long sequence() {
    return sequence;
  }

  /** Bytes of entries since the last {@link #restart}. */
  long length() {
    return position;
  }

  /**
   * Starts over: the database is durable without the log.
   *
   * @param absorbed what the database remembers, at least {@link #sequence}
   */
  void restart(long absorbed) {
    position = 0;
    sequence = absorbed;
  }

  /** Gives the disk its space back after a {@link #restart}. */
  void truncate() throws IOException {
    file.truncate(position);
    filled = position;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void fill(long until) throws IOException {
    if (until <= filled) {
      return;
    }
    var zeros = ByteBuffer.allocate(STEP_BYTES);
    try {
      while (filled < until) {
        file.write(zeros.clear(), filled);
        filled += STEP_BYTES;
      }
    } catch (IOException e) {
      filled = file.size();
      if (filled < until) {
        throw e;
      } // Else there was room for this entry, if not for the whole step.
    }
  }

  private void wipe(IOException cause) {
    try {
      file.write(ByteBuffer.allocate(LogEntry.FIXED_BYTES), position);
      file.force();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
