package dev.parlor.server.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written in order and read at a start: the journal and the change log. Used by one
 * thread, which nobody interrupts: an interrupt would close the channel. Not final, so that a test
 * can put one in its place that refuses or stops.
 */
class LogFile implements Closeable {

  private final FileChannel channel;

  LogFile(Path path) throws IOException {
    channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  long size() throws IOException {
    return channel.size();
  }

  /** Writes all of it. */
  void write(ByteBuffer bytes, long at) throws IOException {
    var from = at;
    while (bytes.hasRemaining()) {
      from += channel.write(bytes, from);
    }
  }

  /** Writes all of it and waits until it is on the disk. */
  void writeDurably(ByteBuffer bytes, long at) throws IOException {
    write(bytes, at);
    force();
  }

  /** Fills the buffer; false when the file ends before. */
  boolean read(ByteBuffer target, long at) throws IOException {
    var from = at;
    while (target.hasRemaining()) {
      var count = channel.read(target, from);
      if (count < 0) {
        return false;
      }
      from += count;
    }
    return true;
  }

  /** Waits until everything written is on the disk; of the rest of the file only its length. */
  void force() throws IOException {
    channel.force(false);
  }

  void truncate(long length) throws IOException {
    channel.truncate(length);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
