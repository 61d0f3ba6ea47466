package dev.parlor.relay.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;

/**
 * The file under MapDB, changed by whole commits only. Written blocks stay in memory until {@link
 * #commit} puts them into the {@link Journal} as one entry, waits for the disk, and then writes the
 * main file. After a crash at any moment the next process finds the state of the last commit.
 *
 * <h2>Why not MapDB's own transactions</h2>
 *
 * MapDB 3.1.0 writes a log with {@code transactionEnable()} but never reads it when it opens a file
 * (nothing calls {@code WriteAheadLog.open}), nor flushes it before it changes the main file. In a
 * test that killed the process in the middle of a commit of 200 records, 2 of 13 files could not be
 * opened any more; see {@code docs/decisions}. So MapDB runs without transactions on top of this
 * volume.
 *
 * <h2>Three layers of a block</h2>
 *
 * A block of 4 KiB is looked up in {@code dirty} (written since the last commit), then in {@code
 * clean} (committed contents), then in the main file. {@code clean} is a cache, and it also keeps
 * the blocks that are not in the main file yet. A writer copies a block into {@code dirty} before
 * it changes the block. MapDB calls from many threads, but its locks keep a reader away from bytes
 * that are being written. Neighboring bytes of one block may be read and written at the same time,
 * which arrays allow. Commits and rollbacks need one thread, without another writer.
 */
@SuppressWarnings("UnsafeFinalization") // the finalizer that MapDB gives a volume is empty
final class JournaledVolume extends BlockVolume {

  private final Path path;
  private final BlockFile file;
  private final Journal journal;
  private final long journalBytesMax;
  private final int cleanBlocksMax;

  private final ConcurrentHashMap<Long, byte[]> dirty = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Long, byte[]> clean = new ConcurrentHashMap<>();

  /** Committed blocks that are not in the main file yet; until then they stay in {@code clean}. */
  private final Map<Long, byte[]> unwrittenBlocks = new ConcurrentHashMap<>();

  /** The former contents of replaced blocks, while a reader needs them. */
  private volatile @Nullable FrozenBlocks frozen;

  JournaledVolume(Path path, Path journalPath, long journalBytesMax, int cleanBlocksMax)
      throws IOException {
    this(
        path,
        new BlockFile(path),
        new Journal(journalPath, BLOCK_BYTES),
        journalBytesMax,
        cleanBlocksMax);
  }

  /** Makes a volume of files that are open already. */
  JournaledVolume(
      Path path, BlockFile file, Journal journal, long journalBytesMax, int cleanBlocksMax)
      throws IOException {
    super(path);
    this.path = path;
    this.journalBytesMax = journalBytesMax;
    this.cleanBlocksMax = cleanBlocksMax;
    this.file = file;
    this.journal = journal;
    try {
      var entries = journal.replay((number, contents) -> writeBlock(number, contents));
      if (entries > 0) {
        checkpoint();
      }
    } catch (IOException | RuntimeException e) {
      closeFiles(e);
      throw e;
    }
  }

  /** Makes all writes since the last commit durable, all of them or none. */
  void commit() throws IOException {
    if (dirty.isEmpty()) {
      return;
    }
    writeCommittedBlocks();
    if (journal.length() >= journalBytesMax) {
      checkpoint();
    }
    journal.append(new TreeMap<>(dirty));
    // From here on the commit is durable; the main file may be written later.
    keepFormerBlocks();
    clean.putAll(dirty);
    unwrittenBlocks.putAll(dirty);
    dirty.clear();
    try {
      writeCommittedBlocks();
    } catch (IOException e) {
      // The journal has all blocks, and the next commit tries to write them again.
      return;
    }
    shrinkCache();
  }

  private void keepFormerBlocks() {
    var kept = frozen;
    if (kept == null) {
      return;
    }
    try {
      for (var number : dirty.keySet()) {
        if (!kept.has(number)) {
          kept.keep(number, committedBlock(number));
        }
      }
    } catch (DBException e) {
      kept.fail(new IOException("a block could not be read", e));
    }
  }

  /** The committed contents of a block; the caller must not change them. */
  private byte[] committedBlock(long number) {
    var block = clean.get(number);
    if (block == null) {
      block = new byte[BLOCK_BYTES];
      readFile(number << SHIFT, block, 0, BLOCK_BYTES);
    }
    return block;
  }

  /**
   * The file as the last commit left it, also after later commits, until {@link #thaw}. Called by
   * the thread that commits.
   *
   * @throws IOException if the file is frozen already
   */
  FrozenVolume freeze(FrozenBlocks kept) throws IOException {
    if (frozen != null) {
      throw new IOException("another backup of " + path + " is running");
    }
    frozen = kept;
    return new FrozenVolume(path, kept, this::committedBlock, length());
  }

  /** Ends {@link #freeze}; safe from any thread. */
  void thaw(FrozenBlocks kept) throws IOException {
    if (frozen == kept) {
      frozen = null;
    }
    kept.close();
  }

  /** Discards all writes since the last commit. */
  void rollback() {
    dirty.clear();
  }

  /** Whether there has ever been a commit. */
  boolean hasContents() {
    return file.length() > 0 || !clean.isEmpty();
  }

  /** Whether committed blocks are not written to the main file yet. */
  boolean hasUnwrittenBlocks() {
    return !unwrittenBlocks.isEmpty();
  }

  /** Writes the committed blocks to the main file, adjacent blocks in one call. */
  private void writeCommittedBlocks() throws IOException {
    if (unwrittenBlocks.isEmpty()) {
      return;
    }
    var blocks = new TreeMap<>(unwrittenBlocks);
    var run = new byte[64 * BLOCK_BYTES];
    var runStart = -1L;
    var runBlocks = 0;
    for (var block : blocks.entrySet()) {
      if (runBlocks > 0
          && (block.getKey() != runStart + runBlocks || runBlocks * BLOCK_BYTES == run.length)) {
        file.write(runStart << SHIFT, run, runBlocks * BLOCK_BYTES);
        runBlocks = 0;
      }
      if (runBlocks == 0) {
        runStart = block.getKey();
      }
      System.arraycopy(block.getValue(), 0, run, runBlocks * BLOCK_BYTES, BLOCK_BYTES);
      runBlocks++;
    }
    file.write(runStart << SHIFT, run, runBlocks * BLOCK_BYTES);
    unwrittenBlocks.clear();
  }

  /** Flushes the main file and restarts the journal. */
  private void checkpoint() throws IOException {
    file.sync();
    journal.restart();
  }

  private void shrinkCache() {
    if (clean.size() > cleanBlocksMax) {
      var excess = clean.size() - cleanBlocksMax / 2;
      var keys = clean.keySet().iterator();
      while (excess-- > 0 && keys.hasNext()) {
        keys.next();
        keys.remove();
      }
    }
  }

  private void writeBlock(long number, ByteBuffer contents) throws IOException {
    var bytes = new byte[BLOCK_BYTES];
    contents.get(bytes);
    file.write(number << SHIFT, bytes, BLOCK_BYTES);
  }

  private void readFile(long offset, byte[] target, int at, int length) {
    try {
      file.read(offset, target, at, length);
    } catch (IOException e) {
      throw new DBException.VolumeIOError(e);
    }
  }

  private byte[] cleanBlock(long number) {
    var block = clean.get(number);
    return block != null
        ? block
        : clean.computeIfAbsent(
            number,
            key -> {
              var contents = new byte[BLOCK_BYTES];
              readFile(key << SHIFT, contents, 0, BLOCK_BYTES);
              return contents;
            });
  }

  @Override
  byte[] blockToRead(long number) {
    var block = dirty.get(number);
    return block != null ? block : cleanBlock(number);
  }

  private byte[] blockToWrite(long number) {
    var block = dirty.get(number);
    return block != null ? block : dirty.computeIfAbsent(number, key -> cleanBlock(key).clone());
  }

  private void write(long offset, byte[] source, int from, int length) {
    var at = offset;
    var copied = 0;
    while (copied < length) {
      var inBlock = (int) (at & MASK);
      var part = Math.min(length - copied, BLOCK_BYTES - inBlock);
      System.arraycopy(source, from + copied, blockToWrite(at >>> SHIFT), inBlock, part);
      copied += part;
      at += part;
    }
  }

  /** Reads bytes; blocks that are not in memory are read from the file and not cached. */
  @Override
  void read(long offset, byte[] target, int to, int length) {
    var at = offset;
    var copied = 0;
    while (copied < length) {
      var inBlock = (int) (at & MASK);
      var part = Math.min(length - copied, BLOCK_BYTES - inBlock);
      var number = at >>> SHIFT;
      var block = dirty.get(number);
      if (block == null) {
        block = clean.get(number);
      }
      if (block == null) {
        readFile(at, target, to + copied, part);
      } else {
        System.arraycopy(block, inBlock, target, to + copied, part);
      }
      copied += part;
      at += part;
    }
  }

  /**
   * Does nothing: MapDB calls this while it has written only a part of its structures. Only {@link
   * #commit} commits.
   */
  @Override
  public void sync() {}

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      if (unwrittenBlocks.isEmpty()) {
        checkpoint();
        journal.truncate();
      }
    } catch (IOException e) {
      throw new DBException.VolumeIOError(e);
    } finally {
      closeFiles(null);
    }
  }

  private void closeFiles(@Nullable Throwable cause) {
    try (file;
        journal) {
      dirty.clear();
    } catch (IOException e) {
      if (cause != null) {
        cause.addSuppressed(e);
      }
    }
  }

  @Override
  public void putLong(long offset, long value) {
    var at = (int) (offset & MASK);
    if (at <= BLOCK_BYTES - 8) {
      LONGS.set(blockToWrite(offset >>> SHIFT), at, value);
    } else {
      write(offset, ByteBuffer.allocate(8).putLong(value).array(), 0, 8);
    }
  }

  @Override
  public void putInt(long offset, int value) {
    write(offset, ByteBuffer.allocate(4).putInt(value).array(), 0, 4);
  }

  @Override
  public void putByte(long offset, byte value) {
    blockToWrite(offset >>> SHIFT)[(int) (offset & MASK)] = value;
  }

  @Override
  public void putData(long offset, byte[] source, int from, int length) {
    write(offset, source, from, length);
  }

  @Override
  public void putData(long offset, ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    write(offset, bytes, 0, bytes.length);
  }

  @Override
  public void clear(long from, long to) {
    var zeros = new byte[BLOCK_BYTES];
    for (var at = from; at < to; ) {
      var part = (int) Math.min(to - at, BLOCK_BYTES - (at & MASK));
      write(at, zeros, 0, part);
      at += part;
    }
  }

  /** Does nothing: the file grows when it is written. */
  @Override
  public void ensureAvailable(long offset) {}

  /** Not supported: MapDB truncates a file only in a compaction, which the store never runs. */
  @Override
  public void truncate(long size) {
    throw new UnsupportedOperationException("the store's file is never shortened");
  }

  @Override
  public long length() {
    return Math.max(file.length(), BLOCK_BYTES);
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }
}
