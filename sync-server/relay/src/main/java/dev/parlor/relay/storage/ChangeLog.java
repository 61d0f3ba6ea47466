package dev.parlor.relay.storage;

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
 * Entries ({@link LogEntry}) follow each other from the start of the file, and their sequences
 * increase by one. Once the trees have absorbed all entries, the database stores a sequence above
 * theirs and the log starts again at the beginning of the file. Old entries behind the new ones are
 * recognized by their lower sequences. A sequence is never reused after {@link #restart}, even if
 * its entry failed.
 *
 * <h2>A torn end and damage in the middle</h2>
 *
 * An entry is written only after the previous entry is on the disk. An unreadable entry without a
 * newer entry behind it was being written when the process died. No peer was told that it is saved,
 * so it is left out. An unreadable entry with a newer entry behind it had been on the disk whole.
 * It is damage, and it is reported with its document if the document is known.
 *
 * <h2>Why a commit is cheap</h2>
 *
 * The file is filled with zeros in steps ahead of the writes, and it is reused from its start. A
 * durable write therefore changes neither the file's length nor its block list. Where the disk
 * supports it, the write bypasses the system's cache ({@link DirectLogFile}).
 */
final class ChangeLog implements Closeable {

  private static final int STEP_BYTES = 1 << 18;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Longer entries go into the trees. */
  static final int ENTRY_BYTES_MAX = 1 << 20;

  /** The result of {@link #replay}. */
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
   * Call {@link #replay} before the first append.
   *
   * @param absorbed the trees hold every entry up to this sequence
   * @param bytesMax the most bytes that the file may have; further entries do not fit
   */
  ChangeLog(LogFile file, long salt, long absorbed, long bytesMax) throws IOException {
    this.file = file;
    this.salt = salt;
    this.sequence = absorbed;
    this.bytesMax = bytesMax;
    this.filled = file.size();
  }

  /** Reads the entries that the trees have not absorbed, oldest first. */
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

  /** The position of the first readable entry above that sequence, or -1. */
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

  /** Reports the entries with damaged heads between two positions. */
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
   * Writes one entry and waits until it is on the disk. If that fails, the entry is overwritten as
   * far as the disk allows. If the entry is still there at the next start, its changes are kept
   * although their author was told that they failed. That does no harm.
   *
   * @param group appends for which {@link #takes} is true
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

  /** The sequence of the last entry. */
  long sequence() {
    return sequence;
  }

  /** Bytes of entries since the last {@link #restart}. */
  long length() {
    return position;
  }

  /**
   * Starts again at the beginning of the file: the database is durable without the log.
   *
   * @param absorbed the sequence that the database stores, at least {@link #sequence}
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
      } // Otherwise there was room for this entry, although not for the whole step.
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
