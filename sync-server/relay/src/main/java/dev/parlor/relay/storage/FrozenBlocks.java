package dev.parlor.relay.storage;

import dev.parlor.relay.config.FixedLimits;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The former contents of the blocks that commits have replaced since a moment. With them a reader
 * sees the file as it was at that moment, while commits go on. The first blocks stay in memory, the
 * others go into a file beside the store's file. The commit thread adds blocks; any thread reads.
 *
 * <p>If a block cannot be kept because the disk refuses, the commit goes on and every later read of
 * this object fails.
 */
final class FrozenBlocks implements Closeable {

  private final Path overflowPath;
  private final Disk disk;
  private final Map<Long, byte[]> inMemory = new ConcurrentHashMap<>();
  private final Map<Long, Long> inOverflow = new ConcurrentHashMap<>();
  private volatile @Nullable BlockFile overflow;
  private volatile @Nullable IOException failure;

  /**
   * @param overflowPath the file for the blocks that do not fit into memory; replaced if it exists
   */
  FrozenBlocks(Path overflowPath, Disk disk) {
    this.overflowPath = overflowPath;
    this.disk = disk;
  }

  boolean has(long number) {
    return inMemory.containsKey(number) || inOverflow.containsKey(number);
  }

  /** Keeps the contents of a block; called before the block is replaced. */
  synchronized void keep(long number, byte[] contents) {
    if (failure != null) {
      return;
    }
    if (inMemory.size() < FixedLimits.FROZEN_BLOCKS_MAX) {
      inMemory.put(number, contents);
      return;
    }
    try {
      var file = overflow;
      if (file == null) {
        Files.deleteIfExists(overflowPath);
        file = disk.blocks(overflowPath);
        overflow = file;
      }
      var offset = file.length();
      file.write(offset, contents, contents.length);
      inOverflow.put(number, offset);
    } catch (IOException e) {
      fail(e);
    }
  }

  /** Makes every later read fail. */
  void fail(IOException cause) {
    failure = cause;
  }

  /**
   * The kept contents of a block; null if no commit has replaced the block.
   *
   * @throws IOException if a block could not be kept
   */
  byte @Nullable [] get(long number) throws IOException {
    var cause = failure;
    if (cause != null) {
      throw new IOException("the state at one commit could not be kept: " + cause, cause);
    }
    var contents = inMemory.get(number);
    if (contents != null) {
      return contents;
    }
    var offset = inOverflow.get(number);
    if (offset == null) {
      return null;
    }
    var file = overflow;
    if (file == null) {
      throw new IOException("the state at one commit was given up");
    }
    var bytes = new byte[BlockVolume.BLOCK_BYTES];
    file.read(offset, bytes, 0, bytes.length);
    return bytes;
  }

  @Override
  public synchronized void close() throws IOException {
    fail(new IOException("it was closed"));
    inMemory.clear();
    var file = overflow;
    if (file != null) {
      overflow = null;
      file.close();
      Files.deleteIfExists(overflowPath);
    }
  }
}
