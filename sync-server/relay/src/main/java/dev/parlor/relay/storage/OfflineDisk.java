package dev.parlor.relay.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Opens a store's files without changing them. What the store writes while it opens, such as the
 * blocks of its journal, stays in memory. A missing file counts as empty. Used by one thread.
 */
final class OfflineDisk extends Disk {

  @Override
  BlockFile blocks(Path path) throws IOException {
    return new UnchangedBlocks(path);
  }

  @Override
  LogFile log(Path path) throws IOException {
    return new UnchangedLog(Files.exists(path) ? Files.readAllBytes(path) : new byte[0]);
  }

  @Override
  LogFile changeLog(Path path) throws IOException {
    return log(path);
  }

  /** The main file, with written blocks in memory. */
  private static final class UnchangedBlocks extends BlockFile {
    private final Map<Long, byte[]> written = new HashMap<>();
    private long end;

    UnchangedBlocks(Path path) throws IOException {
      super(path, "r");
    }

    @Override
    long length() {
      return Math.max(super.length(), end);
    }

    @Override
    void write(long offset, byte[] bytes, int count) {
      for (var at = 0; at < count; at += BlockVolume.BLOCK_BYTES) {
        var block = new byte[BlockVolume.BLOCK_BYTES];
        System.arraycopy(bytes, at, block, 0, BlockVolume.BLOCK_BYTES);
        written.put((offset + at) / BlockVolume.BLOCK_BYTES, block);
      }
      end = Math.max(end, offset + count);
    }

    @Override
    void read(long offset, byte[] target, int targetOffset, int count) throws IOException {
      super.read(offset, target, targetOffset, count);
      var first = offset / BlockVolume.BLOCK_BYTES;
      var last = (offset + count - 1) / BlockVolume.BLOCK_BYTES;
      for (var number = first; number <= last; number++) {
        var block = written.get(number);
        if (block != null) {
          var from = Math.max(offset, number * BlockVolume.BLOCK_BYTES);
          var to = Math.min(offset + count, (number + 1) * BlockVolume.BLOCK_BYTES);
          System.arraycopy(
              block,
              (int) (from - number * BlockVolume.BLOCK_BYTES),
              target,
              targetOffset + (int) (from - offset),
              (int) (to - from));
        }
      }
    }

    @Override
    void sync() {}
  }

  /** A log in memory. */
  private static final class UnchangedLog extends LogFile {
    private byte[] bytes;

    UnchangedLog(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    long size() {
      return bytes.length;
    }

    @Override
    void write(ByteBuffer source, long at) {
      var end = (int) at + source.remaining();
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, end);
      }
      source.get(bytes, (int) at, source.remaining());
    }

    @Override
    void writeDurably(ByteBuffer source, long at) {
      write(source, at);
    }

    @Override
    boolean read(ByteBuffer target, long at) {
      var count = (int) Math.min(target.remaining(), Math.max(0, bytes.length - at));
      if (count > 0) {
        target.put(bytes, (int) at, count);
      }
      return !target.hasRemaining();
    }

    @Override
    void force() {}

    @Override
    void truncate(long length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(length, bytes.length));
    }

    @Override
    public void close() {}
  }
}
