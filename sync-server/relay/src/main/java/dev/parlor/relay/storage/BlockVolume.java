package dev.parlor.relay.storage;

import java.io.File;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.mapdb.DataInput2;
import org.mapdb.volume.Volume;

/** The reading half of a volume that consists of blocks of 4 KiB. Safe from any thread. */
@SuppressWarnings("UnsafeFinalization") // the finalizer that MapDB gives a volume is empty
abstract class BlockVolume extends Volume {

  static final int BLOCK_BYTES = 4096;
  static final int SHIFT = 12;
  static final int MASK = BLOCK_BYTES - 1;

  static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final Path path;

  BlockVolume(Path path) {
    this.path = path;
  }

  /** The block with this number, for a read of a part of it. */
  abstract byte[] blockToRead(long number);

  /** Reads bytes, which may lie in several blocks. */
  abstract void read(long offset, byte[] target, int to, int length);

  @Override
  public final long getLong(long offset) {
    var at = (int) (offset & MASK);
    if (at <= BLOCK_BYTES - 8) {
      return (long) LONGS.get(blockToRead(offset >>> SHIFT), at);
    }
    var bytes = new byte[8];
    read(offset, bytes, 0, 8);
    return (long) LONGS.get(bytes, 0);
  }

  @Override
  public final int getInt(long offset) {
    var at = (int) (offset & MASK);
    if (at <= BLOCK_BYTES - 4) {
      return (int) INTS.get(blockToRead(offset >>> SHIFT), at);
    }
    var bytes = new byte[4];
    read(offset, bytes, 0, 4);
    return (int) INTS.get(bytes, 0);
  }

  @Override
  public final byte getByte(long offset) {
    return blockToRead(offset >>> SHIFT)[(int) (offset & MASK)];
  }

  @Override
  public final DataInput2 getDataInput(long offset, int size) {
    var bytes = new byte[size];
    read(offset, bytes, 0, size);
    return new DataInput2.ByteArray(bytes);
  }

  @Override
  public final void getData(long offset, byte[] target, int to, int length) {
    read(offset, target, to, length);
  }

  @Override
  public final int sliceSize() {
    return -1;
  }

  @Override
  public final boolean isSliced() {
    return false;
  }

  @Override
  public final File getFile() {
    return path.toFile();
  }

  @Override
  public final boolean getFileLocked() {
    return false;
  }
}
