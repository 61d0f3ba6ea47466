package dev.parlor.client.store;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The folder with the files of all documents. One process uses it at a time. Thread-safe. */
public final class DocumentFolder implements AutoCloseable {

  private static final String SUFFIX = ".automerge";
  private static final String LOCK = "parlor-client.lock";

  private final Path folder;
  private final FileChannel lock;
  private final Consumer<StoreProblem> problems;

  private DocumentFolder(Path folder, FileChannel lock, Consumer<StoreProblem> problems) {
    this.folder = folder;
    this.lock = lock;
    this.problems = problems;
  }

  /**
   * Opens the folder, which is created if it is missing.
   *
   * @throws StoreException if it cannot be used, or another process or repository uses it
   */
  public static DocumentFolder open(Path folder, Consumer<StoreProblem> problems) {
    try {
      Files.createDirectories(folder);
      var channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locks(channel)) {
        channel.close();
        throw new StoreException(
            "the store " + folder + " is in use by another repository: give each its own folder");
      }
      return new DocumentFolder(folder, channel, problems);
    } catch (IOException e) {
      throw new StoreException("the store " + folder + " cannot be opened", e);
    }
  }

  private static boolean locks(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      return false;
    }
  }

  /** The documents that have a file, in the order of their ids. */
  public List<DocumentId> documents() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> DocumentId.parse(name.substring(0, name.length() - SUFFIX.length())))
          .flatMap(id -> id instanceof Decoding.Decoded<DocumentId>(var ok) ? Stream.of(ok) : null)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new StoreException("the store " + folder + " cannot be read", e);
    }
  }

  /** Whether the document has a file. */
  public boolean contains(DocumentId document) {
    return Files.exists(file(document));
  }

  /**
   * Opens the file of a document, which is created if it is missing.
   *
   * @throws StoreException if it cannot be read
   */
  public DocumentFile open(DocumentId document) {
    try {
      return DocumentFile.open(document, file(document), problems);
    } catch (IOException e) {
      throw new StoreException("the file " + file(document) + " cannot be opened", e);
    }
  }

  /** Reports that the file of a document cannot be opened for writing. */
  public void report(DocumentId document, StoreException failure) {
    problems.accept(
        new StoreProblem.NotWritten(
            document, file(document), String.valueOf(failure.getMessage())));
  }

  private Path file(DocumentId document) {
    return folder.resolve(document.value() + SUFFIX);
  }

  /** Lets other processes use the folder. The files must be closed before. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StoreException("the store " + folder + " cannot be closed", e);
    }
  }
}
