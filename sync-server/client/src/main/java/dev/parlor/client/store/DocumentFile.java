package dev.parlor.client.store;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The file of one document. An appended change survives the end of the process, also by {@code kill
 * -9}. It survives a power failure after {@link #force}. Used by one thread at a time.
 */
public final class DocumentFile implements AutoCloseable {

  /**
   * What the file had when it was opened.
   *
   * @param changes all changes, in the order of the file
   * @param snapshot the document chunk at the beginning of the file, if there is one
   * @param snapshotChanges the number of changes in {@code snapshot}; they come first
   */
  public record Contents(List<ChangeChunk> changes, Optional<Bytes> snapshot, int snapshotChanges) {
    public Contents {
      changes = List.copyOf(changes);
    }
  }

  private static final String NEW = ".new";

  private final DocumentId document;
  private final Path file;
  private final Consumer<StoreProblem> problems;
  private FileChannel channel;

  /** The end of the last chunk that was written whole. */
  private long length;

  private int changesAppended;
  private boolean isForced = true;
  private final List<Bytes> unwritten = new ArrayList<>();
  private Contents contents;

  private DocumentFile(
      DocumentId document,
      Path file,
      Consumer<StoreProblem> problems,
      FileChannel channel,
      ChunkScan scan) {
    this.document = document;
    this.file = file;
    this.problems = problems;
    this.channel = channel;
    this.length = scan.chunks().stream().mapToLong(Bytes::length).sum();
    this.contents = new Contents(scan.changes(), scan.snapshot(), scan.snapshotChanges());
    this.changesAppended = scan.changes().size() - scan.snapshotChanges();
  }

  /** Opens or creates the file. Damaged bytes are moved to another file first. */
  static DocumentFile open(DocumentId document, Path file, Consumer<StoreProblem> problems)
      throws IOException {
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + NEW));
    var bytes = Files.exists(file) ? Bytes.wrap(Files.readAllBytes(file)) : Bytes.EMPTY;
    var scan = ChunkScan.of(bytes);
    if (!scan.damaged().isEmpty()) {
      var lost = Bytes.concat(scan.damaged());
      var movedTo = unusedName(file);
      writeNew(movedTo, lost);
      replaceFile(file, Bytes.concat(scan.chunks()));
      problems.accept(new StoreProblem.Damaged(document, lost.length(), movedTo));
    }
    var isNew = !Files.exists(file);
    var channel = openChannel(file);
    if (isNew) {
      forceFolder(file);
    }
    return new DocumentFile(document, file, problems, channel, scan);
  }

  /** What the file had when it was opened; the second call returns nothing, to free the memory. */
  public Contents takeContents() {
    var taken = contents;
    contents = new Contents(List.of(), Optional.empty(), 0);
    return taken;
  }

  /** The number of changes that are in the file as single chunks. */
  public int changesAppended() {
    return changesAppended;
  }

  /** The length in bytes. */
  public long length() {
    return length;
  }

  /**
   * Appends change chunks. If the disk refuses them, they are kept in memory, reported, and written
   * by the next call of this method or of {@link #force}.
   */
  public void append(List<Bytes> changes) {
    unwritten.addAll(changes);
    changesAppended += changes.size();
    writeAll();
  }

  /** Replaces the file with one document chunk, which must have all changes of the file. */
  public void replace(Bytes documentChunk) {
    try {
      replaceFile(file, documentChunk);
      channel.close();
      channel = openChannel(file);
      length = documentChunk.length();
      changesAppended = 0;
      unwritten.clear();
      isForced = true;
    } catch (IOException e) {
      report(e);
    }
  }

  /** Whether all changes are on the disk. */
  public boolean isForced() {
    return isForced && unwritten.isEmpty();
  }

  /** Waits until the disk has all changes; a failure is reported. */
  public void force() {
    writeAll();
    if (isForced || !unwritten.isEmpty()) {
      return;
    }
    try {
      channel.force(false);
      isForced = true;
    } catch (IOException e) {
      report(e);
    }
  }

  /** Forces the file to the disk and closes it. */
  @Override
  public void close() {
    force();
    try {
      channel.close();
    } catch (IOException e) {
      report(e);
    }
  }

  private void writeAll() {
    if (unwritten.isEmpty()) {
      return;
    }
    try {
      var bytes = Bytes.concat(unwritten);
      var buffer = bytes.buffer();
      while (buffer.hasRemaining()) {
        channel.write(buffer, length + buffer.position());
      }
      length += bytes.length();
      unwritten.clear();
      isForced = false;
    } catch (IOException e) {
      dropPartialWrite();
      report(e);
    }
  }

  private void dropPartialWrite() {
    try {
      channel.truncate(length);
    } catch (IOException _) {
      // The next write begins at the same position. Otherwise the scan moves these bytes away.
    }
  }

  private void report(IOException e) {
    problems.accept(new StoreProblem.NotWritten(document, file, String.valueOf(e.getMessage())));
  }

  private static FileChannel openChannel(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static void replaceFile(Path file, Bytes bytes) throws IOException {
    var next = file.resolveSibling(file.getFileName() + NEW);
    writeNew(next, bytes);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    forceFolder(file);
  }

  private static void writeNew(Path file, Bytes bytes) throws IOException {
    try (var out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var buffer = bytes.buffer();
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      out.force(true);
    }
  }

  /** Forces the names in the folder to the disk, where the system can do this. */
  private static void forceFolder(Path file) {
    try (var folder = FileChannel.open(file.toAbsolutePath().resolveSibling("."))) {
      folder.force(true);
    } catch (IOException _) {
      // Windows cannot open a folder; it writes names in their order.
    }
  }

  private static Path unusedName(Path file) {
    for (var number = 1; ; number++) {
      var candidate = file.resolveSibling(file.getFileName() + ".damaged-" + number);
      if (!Files.exists(candidate)) {
        return candidate;
      }
    }
  }
}
