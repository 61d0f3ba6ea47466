package dev.parlor.relay.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log whose durable writes bypass the system's cache. Each takes one disk request and one wake-up
 * instead of two, and about half of the processor time. Direct writes are whole blocks. So the last
 * block of the log is written again, unchanged, with the new bytes behind it and zeros up to its
 * end. If the file system does not support direct writes, or fails one, the log writes and flushes
 * as {@link LogFile} does from then on.
 */
final class DirectLogFile extends LogFile {

  private static final Logger LOG = LoggerFactory.getLogger(DirectLogFile.class);

  private static final int BLOCK_BYTES_MAX = 1 << 16;
  private static final int START_BYTES = 1 << 16;

  private final int block;
  private @Nullable FileChannel direct;
  private ByteBuffer buffer = ByteBuffer.allocate(0);

  /**
   * The position where the last durable write ended. The buffer begins with the block up to that
   * position.
   */
  private long end = -1;

  DirectLogFile(Path path) throws IOException {
    super(path);
    block = blockOf(path);
    direct = block > 0 ? open(path) : null;
  }

  private static int blockOf(Path path) {
    try {
      var bytes = Files.getFileStore(path).getBlockSize();
      return Long.bitCount(bytes) == 1 && bytes <= BLOCK_BYTES_MAX ? (int) bytes : 0;
    } catch (IOException | UnsupportedOperationException _) {
      return 0;
    }
  }

  /**
   * The option is part of the JDK but of no standard module. It is looked up by name, because it
   * may be missing.
   */
  private static @Nullable FileChannel open(Path path) {
    try {
      var options = Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
      for (var option : options) {
        if (option instanceof OpenOption direct && option.toString().equals("DIRECT")) {
          return FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.DSYNC, direct);
        }
      }
      return null;
    } catch (ClassNotFoundException | IOException | UnsupportedOperationException e) {
      LOG.debug("no direct writes to {}", path, e);
      return null;
    }
  }

  /** Whether durable writes still go past the cache. */
  boolean isDirect() {
    return direct != null;
  }

  @Override
  void writeDurably(ByteBuffer bytes, long at) throws IOException {
    var channel = direct;
    if (channel == null) {
      super.writeDurably(bytes, at);
      return;
    }
    var from = at - at % block;
    var head = (int) (at - from);
    prepare(head + bytes.remaining());
    if (head > 0 && end != at && !read(buffer.duplicate().position(0).limit(head), from)) {
      throw new IOException("the log ends before the place to write at");
    }
    end = -1;
    var length = head + bytes.remaining();
    var whole = Math.ceilDiv(length, block) * block;
    buffer.limit(whole).position(head);
    buffer.put(bytes.duplicate());
    while (buffer.hasRemaining()) {
      buffer.put((byte) 0);
    }
    try {
      write(channel, from, whole);
    } catch (IOException e) {
      LOG.warn("the disk refused a direct write; from now on the log is written and flushed", e);
      direct = null;
      channel.close();
      super.writeDurably(bytes, at);
      return;
    }
    bytes.position(bytes.limit());
    keepLastBlock(length);
    end = at + length - head;
  }

  private void write(FileChannel channel, long from, int whole) throws IOException {
    buffer.position(0).limit(whole);
    while (buffer.hasRemaining()) {
      channel.write(buffer, from + buffer.position());
    }
    buffer.clear();
  }

  /** Moves the block in which these bytes end to the front. */
  private void keepLastBlock(int length) {
    var last = length - length % block;
    if (last > 0) {
      buffer.put(0, buffer, last, length - last);
    }
  }

  /** Grows the buffer and keeps the contents of its first block. */
  private void prepare(int length) {
    var needed = Math.ceilDiv(length, block) * block;
    if (buffer.capacity() < needed) {
      var bytes = Math.max(START_BYTES, Integer.highestOneBit(needed) * 2);
      var larger = ByteBuffer.allocateDirect(bytes + block).alignedSlice(block);
      larger.put(0, buffer, 0, Math.min(block, buffer.capacity()));
      buffer = larger;
    }
    buffer.clear();
  }

  @Override
  void write(ByteBuffer bytes, long at) throws IOException {
    end = -1;
    super.write(bytes, at);
  }

  @Override
  void truncate(long length) throws IOException {
    end = -1;
    super.truncate(length);
  }

  @Override
  public void close() throws IOException {
    var channel = direct;
    direct = null;
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      super.close();
    }
  }
}
