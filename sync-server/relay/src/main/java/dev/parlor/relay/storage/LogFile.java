package dev.parlor.relay.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that is written in order and read at the start: the journal and the change log. Used by
 * one thread, which must not be interrupted, since an interrupt would close the channel. The class
 * is not final, so that a test can replace it with a file whose writes fail.
 */
class LogFile implements Closeable {

  private final @Nullable FileChannel channel;

  LogFile(Path path) throws IOException {
    channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** For a log without a file; the subclass overrides every method. */
  LogFile() {
    channel = null;
  }

  private FileChannel channel() {
    return Objects.requireNonNull(channel);
  }

  long size() throws IOException {
    return channel().size();
  }

  /** Writes all bytes. */
  void write(ByteBuffer bytes, long at) throws IOException {
    var from = at;
    while (bytes.hasRemaining()) {
      from += channel().write(bytes, from);
    }
  }

  /** Writes all bytes and waits until they are on the disk. */
  void writeDurably(ByteBuffer bytes, long at) throws IOException {
    write(bytes, at);
    force();
  }

  /** Fills the buffer; false if the file is too short. */
  boolean read(ByteBuffer target, long at) throws IOException {
    var from = at;
    while (target.hasRemaining()) {
      var count = channel().read(target, from);
      if (count < 0) {
        return false;
      }
      from += count;
    }
    return true;
  }

  /** Waits until all written bytes, and the file's length if it changed, are on the disk. */
  void force() throws IOException {
    channel().force(false);
  }

  void truncate(long length) throws IOException {
    channel().truncate(length);
  }

  @Override
  public void close() throws IOException {
    channel().close();
  }
}
