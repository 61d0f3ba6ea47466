package dev.parlor.relay.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The redo log in front of the store's main file: each entry holds the new contents of some blocks
 * and is valid as a whole or not at all. Used by one thread.
 *
 * <p>An entry is {@code magic u64 | sequence u64 | count u32 | count x (block u64 | contents) |
 * CRC32C u32}, big-endian. Entries follow each other from the start of the file; their sequences
 * increase by one without a gap. {@link #restart} goes back to the start of the file without
 * shortening it, which saves an update of the file's length on the disk at every commit. An older
 * entry behind a newer entry is recognized by its sequence.
 */
final class Journal implements Closeable {

  /** Receives one committed block of a replay. */
  interface BlockSink {
    void block(long number, ByteBuffer contents) throws IOException;
  }

  private static final long MAGIC = 0x5061726c6f724a31L; // "ParlorJ1"
  private static final int HEADER_BYTES = 20;
  private static final int CHECKSUM_BYTES = 4;
  private static final int COUNT_MAX = 1 << 22;
  private static final int STAGING_BYTES = 1 << 18;

  private record Header(long sequence, int count) {}

  private final LogFile file;
  private final int blockBytes;
  private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
  private long position;
  private long sequence;

  /** Opens or creates the file. Call {@link #replay} before the first {@link #append}. */
  Journal(Path path, int blockBytes) throws IOException {
    this(new LogFile(path), blockBytes);
  }

  /** For tests, with a file that can fail. */
  Journal(LogFile file, int blockBytes) {
    this.file = file;
    this.blockBytes = blockBytes;
  }

  /**
   * Passes the blocks of every valid entry to the sink, oldest first. An incomplete last entry is
   * left out. Returns the number of entries.
   */
  int replay(BlockSink sink) throws IOException {
    var entries = 0;
    while (true) {
      var header = header(position);
      if (header == null
          || (entries > 0 && header.sequence != sequence + 1)
          || !isIntact(position, header)) {
        return entries;
      }
      var block = ByteBuffer.allocate(8 + blockBytes);
      for (var i = 0; i < header.count; i++) {
        file.read(block.clear(), position + HEADER_BYTES + (long) i * (8 + blockBytes));
        sink.block(block.getLong(0), block.slice(8, blockBytes));
      }
      sequence = header.sequence;
      entries++;
      position += entryBytes(header.count);
    }
  }

  /**
   * Writes one entry and waits until it is on the disk. If that fails, the file is truncated before
   * the entry if the disk allows it, so that a later replay does not return blocks that were
   * reported as failed.
   */
  void append(SortedMap<Long, byte[]> blocks) throws IOException {
    if (blocks.size() > COUNT_MAX) {
      throw new IOException("one commit of " + blocks.size() + " blocks is more than a file takes");
    }
    try {
      write(blocks);
      file.force();
    } catch (IOException e) {
      truncateFailedEntry(e);
      throw e;
    }
    position += entryBytes(blocks.size());
    sequence++;
  }

  /** Bytes of entries since the last {@link #restart}. */
  long length() {
    return position;
  }

  /**
   * Starts again at the beginning of the file; all appended blocks must be in the main file and on
   * the disk.
   */
  void restart() {
    position = 0;
  }

  /** Releases the file's space on the disk after a {@link #restart}. */
  void truncate() throws IOException {
    file.truncate(position);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Writes the entry in pieces, since a whole entry may be too large for a buffer in memory. */
  private void write(SortedMap<Long, byte[]> blocks) throws IOException {
    var crc = new CRC32C();
    var at = position;
    staging.clear();
    staging.putLong(MAGIC).putLong(sequence + 1).putInt(blocks.size());
    for (var block : blocks.entrySet()) {
      if (staging.remaining() < 8 + blockBytes + CHECKSUM_BYTES) {
        at = flush(at, crc);
      }
      staging.putLong(block.getKey()).put(block.getValue());
    }
    crc.update(staging.duplicate().flip());
    staging.putInt((int) crc.getValue());
    file.write(staging.flip(), at);
  }

  private long flush(long at, CRC32C crc) throws IOException {
    staging.flip();
    crc.update(staging.duplicate());
    var bytes = staging.remaining();
    file.write(staging, at);
    staging.clear();
    return at + bytes;
  }

  private @Nullable Header header(long at) throws IOException {
    var bytes = ByteBuffer.allocate(HEADER_BYTES);
    if (!file.read(bytes, at) || bytes.getLong(0) != MAGIC) {
      return null;
    }
    var header = new Header(bytes.getLong(8), bytes.getInt(16));
    return header.count >= 0
            && header.count <= COUNT_MAX
            && at + entryBytes(header.count) <= file.size()
        ? header
        : null;
  }

  private boolean isIntact(long at, Header header) throws IOException {
    var crc = new CRC32C();
    var remaining = entryBytes(header.count) - CHECKSUM_BYTES;
    var from = at;
    while (remaining > 0) {
      staging.clear().limit((int) Math.min(remaining, staging.capacity()));
      if (!file.read(staging, from)) {
        return false;
      }
      crc.update(staging.flip());
      from += staging.limit();
      remaining -= staging.limit();
    }
    var stored = ByteBuffer.allocate(CHECKSUM_BYTES);
    return file.read(stored, from) && stored.getInt(0) == (int) crc.getValue();
  }

  private long entryBytes(int count) {
    return HEADER_BYTES + (long) count * (8 + blockBytes) + CHECKSUM_BYTES;
  }

  private void truncateFailedEntry(IOException cause) {
    try {
      file.truncate(position);
      file.force();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
