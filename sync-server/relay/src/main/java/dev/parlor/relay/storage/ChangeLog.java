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
 * Entries ({@link LogEntry}) follow each other from the start of the file, and the sequence of each
 * entry is one higher than the sequence before. Once the trees have absorbed all entries, the
 * database stores a sequence above theirs and the log starts again at the beginning of the file.
 * Old entries behind the new ones are recognized by their lower sequences. A restart also skips one
 * sequence, since an entry whose write failed may still be on the disk under it.
 *
 * <h2>A torn end and damage in the middle</h2>
 *
 * An entry is written only after the previous entry is on the disk. An unreadable entry without a
 * newer entry behind it was being written when the process died. It was never acknowledged to a
 * peer, so it is left out. An unreadable entry with a newer entry behind it had been written
 * completely. It is damaged, and it is reported with its document if the document is known.
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

  /** The maximum size of an entry; a group that needs more goes into the trees instead. */
  static final int ENTRY_BYTES_MAX = 1 << 20;

  /**
   * The result of {@link #replay}.
   *
   * @param damage a sentence for each damaged part
   * @param torn the reason why the last entry is unreadable, if it was never acknowledged
   */
  record Replay(List<ReplayedSection> sections, List<String> damage, @Nullable String torn) {}

  /**
   * A section of a replayed entry: the changes of one append.
   *
   * @param changes null if the section is damaged; then {@code raw} holds its bytes
   */
  record ReplayedSection(
      String document, @Nullable List<ChangeStore.ChangeRecord> changes, @Nullable Bytes raw) {}

  private final LogFile file;
  private final long salt;
  private final long bytesMax;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private long position;
  private long sequence;
  private long filledBytes;

  /**
   * Opens the log in this file; call {@link #replay} before the first append.
   *
   * @param absorbed the trees hold every entry up to this sequence
   * @param bytesMax the maximum size of the file; entries beyond it do not fit
   */
  ChangeLog(LogFile file, long salt, long absorbed, long bytesMax) throws IOException {
    this.file = file;
    this.salt = salt;
    this.sequence = absorbed;
    this.bytesMax = bytesMax;
    this.filledBytes = file.size();
  }

  /** Reads the entries that the trees have not absorbed, oldest first. */
  Replay replay() throws IOException {
    var bytes = contents();
    var sections = new ArrayList<ReplayedSection>();
    var damage = new ArrayList<String>();
    String torn = null;
    var at = 0;
    while (true) {
      var head = LogEntry.read(bytes, at, salt);
      if (head == null || head.sequence() != sequence + 1) {
        var next = findNewer(bytes, at, sequence);
        if (next < 0) {
          torn = head == null && looksTorn(bytes, at) ? "its head cannot be read" : null;
          break;
        }
        var laterHead = LogEntry.read(bytes, next, salt);
        if (laterHead != null && laterHead.sequence() > sequence + 1) {
          reportGap(bytes, at, next, laterHead.sequence(), sections, damage);
          sequence = laterHead.sequence() - 1;
        }
        at = next;
      } else if (isIntact(head) || findNewer(bytes, head.end(), head.sequence()) >= 0) {
        replayEntry(bytes, head, sections, damage);
        sequence++;
        at = head.end();
      } else {
        torn = "it names the documents " + documents(head);
        break;
      }
    }
    position = at;
    return new Replay(sections, damage, torn);
  }

  private ByteBuffer contents() throws IOException {
    if (filledBytes > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "the change log has " + filledBytes + " bytes, more than was ever written");
    }
    var bytes = ByteBuffer.allocate((int) filledBytes);
    if (!file.read(bytes, 0)) {
      throw new IOException("the change log ends before its length");
    }
    return bytes.flip();
  }

  /**
   * The position of the first readable entry with a higher sequence than {@code above}; -1 if there
   * is none.
   */
  private int findNewer(ByteBuffer bytes, int from, long above) {
    for (var at = from; at + LogEntry.FIXED_BYTES <= bytes.limit(); at += LogEntry.ALIGNMENT) {
      if (bytes.getLong(at) == salt && bytes.getLong(at + 8) > above) {
        var head = LogEntry.read(bytes, at, salt);
        if (head != null) {
          return at;
        }
      }
    }
    return -1;
  }

  /** Whether an entry with the next sequence begins at this position. */
  private boolean looksTorn(ByteBuffer bytes, int at) {
    return at + LogEntry.FIXED_BYTES <= bytes.limit()
        && bytes.getLong(at) == salt
        && bytes.getLong(at + 8) == sequence + 1;
  }

  /**
   * Reports the entries with damaged heads between two positions; a single such entry is salvaged
   * if possible.
   */
  private void reportGap(
      ByteBuffer bytes,
      int at,
      int next,
      long until,
      List<ReplayedSection> sections,
      List<String> damage) {
    var salvaged = until == sequence + 2 ? LogEntry.salvage(bytes, at, next) : null;
    if (salvaged != null) {
      replayEntry(bytes, salvaged, sections, damage);
    } else {
      damage.add(
          "entries "
              + (sequence + 1)
              + " to "
              + (until - 1)
              + ", whose documents are unknown (bytes "
              + at
              + " to "
              + next
              + ")");
    }
  }

  /** Adds the sections of an entry, and a sentence for each damaged section. */
  private void replayEntry(
      ByteBuffer bytes, LogEntry.Head head, List<ReplayedSection> sections, List<String> damage) {
    for (var section : head.sections()) {
      if (section.intact()) {
        sections.add(
            new ReplayedSection(section.document(), LogEntry.changes(bytes, section), null));
      } else {
        var raw = new byte[section.bytes()];
        bytes.get(section.at(), raw);
        sections.add(new ReplayedSection(section.document(), null, Bytes.wrap(raw)));
        damage.add("entry " + (sequence + 1) + ", document " + section.document());
      }
    }
  }

  private static boolean isIntact(LogEntry.Head head) {
    return head.sections().stream().allMatch(LogEntry.Section::intact);
  }

  private static List<String> documents(LogEntry.Head head) {
    return head.sections().stream().map(LogEntry.Section::document).distinct().toList();
  }

  /** Whether the log has room for these appends. */
  boolean hasRoomFor(List<Write> group, long bytes) {
    var entryBytesMax = LogEntry.bytesMax(group, bytes);
    return entryBytesMax <= ENTRY_BYTES_MAX && position + entryBytesMax <= bytesMax;
  }

  /**
   * Writes one entry and waits until it is on the disk. If that fails, the start of the entry is
   * overwritten as far as the disk allows. If the entry can still be read at the next start, its
   * changes are kept although the append was reported as failed. That does no harm.
   *
   * @param group appends for which {@link #hasRoomFor} returned true
   */
  void append(List<Write> group, long bytes) throws IOException {
    var entryBytesMax = (int) LogEntry.bytesMax(group, bytes);
    if (buffer.capacity() < entryBytesMax) {
      buffer = ByteBuffer.allocateDirect(Integer.highestOneBit(entryBytesMax) * 2);
    }
    LogEntry.encode(buffer, salt, sequence + 1, group, crc);
    var length = buffer.limit();
    try {
      fillWithZeros(position + length);
      file.writeDurably(buffer, position);
    } catch (IOException e) {
      eraseFailedEntry(e);
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
   * Starts again at the beginning of the file. The database must have all changes of the log on the
   * disk.
   *
   * @param absorbed the sequence that the database stores, at least {@link #sequence}
   */
  void restart(long absorbed) {
    position = 0;
    sequence = absorbed;
  }

  /** Releases the file's space on the disk after a {@link #restart}. */
  void truncate() throws IOException {
    file.truncate(position);
    filledBytes = position;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Extends the zeros in the file to at least this position. */
  private void fillWithZeros(long until) throws IOException {
    if (until <= filledBytes) {
      return;
    }
    var zeros = ByteBuffer.allocate(STEP_BYTES);
    try {
      while (filledBytes < until) {
        file.write(zeros.clear(), filledBytes);
        filledBytes += STEP_BYTES;
      }
    } catch (IOException e) {
      filledBytes = file.size();
      if (filledBytes < until) {
        throw e;
      }
      // Otherwise there was room for this entry, although not for the whole step.
    }
  }

  /** Overwrites the start of an entry whose write failed. */
  private void eraseFailedEntry(IOException cause) {
    try {
      file.write(ByteBuffer.allocate(LogEntry.FIXED_BYTES), position);
      file.force();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
