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
 * A log whose durable writes bypass the system's cache. A durable write then takes one disk request
 * and one wake-up instead of two, and about half of the processor time. Direct writes consist of
 * whole blocks. So the log's last block is written again with the new bytes behind its old bytes,
 * and zeros fill the new last block. If the file system does not support direct writes, or one
 * fails, the log writes and flushes from then on as {@link LogFile} does.
 */
final class DirectLogFile extends LogFile {

  private static final Logger LOG = LoggerFactory.getLogger(DirectLogFile.class);

  private static final int BLOCK_BYTES_MAX = 1 << 16;
  private static final int INITIAL_BUFFER_BYTES = 1 << 16;

  private final int blockBytes;
  private @Nullable FileChannel direct;
  private ByteBuffer buffer = ByteBuffer.allocate(0);

  /**
   * The position where the last durable write ended; the buffer then begins with the bytes of the
   * last block up to it. -1 if the buffer holds no such bytes.
   */
  private long bufferedEnd = -1;

  DirectLogFile(Path path) throws IOException {
    super(path);
    blockBytes = blockBytesOf(path);
    direct = blockBytes > 0 ? open(path) : null;
  }

  private static int blockBytesOf(Path path) {
    try {
      var bytes = Files.getFileStore(path).getBlockSize();
      return Long.bitCount(bytes) == 1 && bytes <= BLOCK_BYTES_MAX ? (int) bytes : 0;
    } catch (IOException | UnsupportedOperationException _) {
      return 0;
    }
  }

  /**
   * Opens the file for direct writes; null if that is not supported. The option belongs to no
   * standard module of the JDK, so it is looked up by name.
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

  /** Whether durable writes still bypass the cache. */
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
    var from = at - at % blockBytes;
    var headLength = (int) (at - from);
    ensureCapacity(headLength + bytes.remaining());
    if (headLength > 0
        && bufferedEnd != at
        && !read(buffer.duplicate().position(0).limit(headLength), from)) {
      throw new IOException("the log ends before the place to write at");
    }
    bufferedEnd = -1;
    var length = headLength + bytes.remaining();
    var paddedLength = Math.ceilDiv(length, blockBytes) * blockBytes;
    buffer.limit(paddedLength).position(headLength);
    buffer.put(bytes.duplicate());
    while (buffer.hasRemaining()) {
      buffer.put((byte) 0);
    }
    try {
      write(channel, from, paddedLength);
    } catch (IOException e) {
      LOG.warn("the disk refused a direct write; from now on the log is written and flushed", e);
      direct = null;
      channel.close();
      super.writeDurably(bytes, at);
      return;
    }
    bytes.position(bytes.limit());
    keepLastBlock(length);
    bufferedEnd = at + length - headLength;
  }

  private void write(FileChannel channel, long from, int paddedLength) throws IOException {
    buffer.position(0).limit(paddedLength);
    while (buffer.hasRemaining()) {
      channel.write(buffer, from + buffer.position());
    }
    buffer.clear();
  }

  /** Moves the last, partly filled block of these bytes to the start of the buffer. */
  private void keepLastBlock(int length) {
    var last = length - length % blockBytes;
    if (last > 0) {
      buffer.put(0, buffer, last, length - last);
    }
  }

  /** Grows the buffer and keeps the contents of its first block. */
  private void ensureCapacity(int length) {
    var needed = Math.ceilDiv(length, blockBytes) * blockBytes;
    if (buffer.capacity() < needed) {
      var bytes = Math.max(INITIAL_BUFFER_BYTES, Integer.highestOneBit(needed) * 2);
      var larger = ByteBuffer.allocateDirect(bytes + blockBytes).alignedSlice(blockBytes);
      larger.put(0, buffer, 0, Math.min(blockBytes, buffer.capacity()));
      buffer = larger;
    }
    buffer.clear();
  }

  @Override
  void write(ByteBuffer bytes, long at) throws IOException {
    bufferedEnd = -1;
    super.write(bytes, at);
  }

  @Override
  void truncate(long length) throws IOException {
    bufferedEnd = -1;
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
