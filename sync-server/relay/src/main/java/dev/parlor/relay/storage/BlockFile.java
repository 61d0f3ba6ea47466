package dev.parlor.relay.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The store's main file. Reads beyond its end return zeros. Safe from any thread. It is not a
 * FileChannel, because a FileChannel closes when a reading thread is interrupted.
 */
class BlockFile implements Closeable {

  private final RandomAccessFile file;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile long length;

  BlockFile(Path path) throws IOException {
    this(path, "rw");
  }

  /**
   * @param mode as for {@link RandomAccessFile}
   */
  BlockFile(Path path, String mode) throws IOException {
    file = new RandomAccessFile(path.toFile(), mode);
    length = file.length();
  }

  long length() {
    return length;
  }

  void write(long offset, byte[] bytes, int count) throws IOException {
    lock.lock();
    try {
      file.seek(offset);
      file.write(bytes, 0, count);
      length = Math.max(length, offset + count);
    } finally {
      lock.unlock();
    }
  }

  void read(long offset, byte[] target, int targetOffset, int count) throws IOException {
    var available = (int) Math.max(0, Math.min(count, length - offset));
    Arrays.fill(target, targetOffset + available, targetOffset + count, (byte) 0);
    if (available > 0) {
      lock.lock();
      try {
        file.seek(offset);
        file.readFully(target, targetOffset, available);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Waits until all written bytes are on the disk. */
  void sync() throws IOException {
    file.getFD().sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
