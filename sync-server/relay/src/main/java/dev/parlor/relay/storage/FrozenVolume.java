package dev.parlor.relay.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.mapdb.DBException;

/**
 * The store's file as it was at one commit, for MapDB to read. Every write fails. Safe from any
 * thread, while the commit thread commits.
 *
 * <p>A block is first read as it is now, then it is looked up among the kept blocks. A commit keeps
 * a block before it replaces it. So if the block is not kept, the commit had not begun to replace
 * it when it was read.
 */
@SuppressWarnings("UnsafeFinalization") // the finalizer that MapDB gives a volume is empty
final class FrozenVolume extends BlockVolume {

  /** Reads the committed bytes of a block as they are now. */
  interface Committed {
    byte[] block(long number);
  }

  private final FrozenBlocks kept;
  private final Committed committed;
  private final long length;

  FrozenVolume(Path path, FrozenBlocks kept, Committed committed, long length) {
    super(path);
    this.kept = kept;
    this.committed = committed;
    this.length = length;
  }

  @Override
  byte[] blockToRead(long number) {
    var now = committed.block(number);
    try {
      var former = kept.get(number);
      return former == null ? now : former;
    } catch (IOException e) {
      throw new DBException.VolumeIOError(e);
    }
  }

  @Override
  void read(long offset, byte[] target, int to, int length) {
    var at = offset;
    var copied = 0;
    while (copied < length) {
      var inBlock = (int) (at & MASK);
      var part = Math.min(length - copied, BLOCK_BYTES - inBlock);
      System.arraycopy(blockToRead(at >>> SHIFT), inBlock, target, to + copied, part);
      copied += part;
      at += part;
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void sync() {}

  @Override
  public void close() {
    closed.set(true);
  }

  @Override
  public void ensureAvailable(long offset) {}

  private static UnsupportedOperationException refused() {
    return new UnsupportedOperationException("the state at one commit is only read");
  }

  @Override
  public void truncate(long size) {
    throw refused();
  }

  @Override
  public void putLong(long offset, long value) {
    throw refused();
  }

  @Override
  public void putInt(long offset, int value) {
    throw refused();
  }

  @Override
  public void putByte(long offset, byte value) {
    throw refused();
  }

  @Override
  public void putData(long offset, byte[] source, int from, int length) {
    throw refused();
  }

  @Override
  public void putData(long offset, ByteBuffer buffer) {
    throw refused();
  }

  @Override
  public void clear(long from, long to) {
    throw refused();
  }
}
