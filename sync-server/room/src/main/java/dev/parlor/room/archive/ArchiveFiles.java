package dev.parlor.room.archive;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the archive: one directory with a file {@code <document id>.room} for each document.
 * Each file is complete, because it gets its name after its bytes are durable. {@link #write} and
 * {@link #delete} are durable when they return. The list of files is kept in memory. Safe from any
 * thread, but two threads must not use the same document.
 */
class ArchiveFiles {

  private static final Logger log = LoggerFactory.getLogger(ArchiveFiles.class);
  private static final String SUFFIX = ".room";
  private static final String UNFINISHED_SUFFIX = ".room.new";

  /** The suffix of a deleted file that a running backup still needs. */
  private static final String KEPT_SUFFIX = ".room.kept";

  private final Path directory;
  private final Set<DocumentId> archived = ConcurrentHashMap.newKeySet();
  private volatile boolean keepsDeleted;

  /** The directory is created with its first file. */
  ArchiveFiles(Path directory) throws IOException {
    this.directory = directory;
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        var name = file.getFileName().toString();
        if (name.endsWith(UNFINISHED_SUFFIX)) {
          Files.delete(file); // a crash while writing: the store still has the document
        } else if (name.endsWith(KEPT_SUFFIX)) {
          Files.delete(file); // a crash during a backup: the store has the document
        } else if (name.endsWith(SUFFIX)
            && DocumentId.parse(name.substring(0, name.length() - SUFFIX.length()))
                instanceof Decoded<DocumentId>(var document)) {
          archived.add(document);
        } else {
          log.warn("ignoring {} in the archive directory: it is not an archive file", name);
        }
      }
    }
  }

  boolean has(DocumentId document) {
    return archived.contains(document);
  }

  Set<DocumentId> documents() {
    return archived.stream().collect(Collectors.toUnmodifiableSet());
  }

  /** The size and time of a document's file; empty if the document has no file. */
  Optional<Archive.Entry> entry(DocumentId document) {
    try {
      var file = file(document);
      return Optional.of(
          new Archive.Entry(
              document, Files.size(file), Files.getLastModifiedTime(file).toMillis()));
    } catch (IOException e) {
      return Optional.empty(); // another thread restored the document meanwhile
    }
  }

  ArchiveFile read(DocumentId document) throws IOException {
    return ArchiveFile.decode(document, Files.readAllBytes(file(document)));
  }

  void write(ArchiveFile file) throws IOException {
    Files.createDirectories(directory);
    var unfinished = directory.resolve(file.document().value() + UNFINISHED_SUFFIX);
    var bytes = ByteBuffer.wrap(file.encode());
    try (var channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      step("opened");
      bytes.limit(bytes.capacity() / 2);
      writeFully(channel, bytes);
      step("half written");
      bytes.limit(bytes.capacity());
      writeFully(channel, bytes);
      channel.force(true);
    }
    Files.setLastModifiedTime(unfinished, FileTime.fromMillis(file.archivedAt()));
    step("written");
    Files.move(unfinished, file(file.document()), StandardCopyOption.ATOMIC_MOVE);
    step("named");
    forceDirectory();
    archived.add(file.document());
    step("in the archive");
  }

  /** Deletes the file of a document that the store has. */
  void delete(DocumentId document) throws IOException {
    var kept = kept(document);
    if (keepsDeleted && Files.exists(file(document)) && !Files.exists(kept)) {
      Files.move(file(document), kept, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Files.deleteIfExists(file(document));
    }
    step("deleted");
    // Flush the deletion: if the file reappeared after a power failure, it would be restored.
    forceDirectory();
    archived.remove(document);
    step("out of the archive");
  }

  /** Deletes the file of a document that is being removed, also for a running backup. */
  void discard(DocumentId document) throws IOException {
    delete(document);
    Files.deleteIfExists(kept(document));
  }

  /**
   * From now on deleted files stay readable for {@link #readForBackup}, until {@link #endBackup}.
   */
  void beginBackup() {
    keepsDeleted = true;
  }

  /** The documents whose files exist, or have been deleted since {@link #beginBackup}. */
  Set<DocumentId> documentsForBackup() throws IOException {
    var all = new HashSet<>(archived);
    if (Files.isDirectory(directory)) {
      try (var files = Files.list(directory)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(KEPT_SUFFIX))
            .map(name -> name.substring(0, name.length() - KEPT_SUFFIX.length()))
            .forEach(
                id -> {
                  if (DocumentId.parse(id) instanceof Decoded<DocumentId>(var document)) {
                    all.add(document);
                  }
                });
      }
    }
    return all;
  }

  /** The bytes of a file; empty if its document was removed meanwhile. */
  Optional<Bytes> readForBackup(DocumentId document) throws IOException {
    for (var file : List.of(kept(document), file(document), kept(document))) {
      try {
        return Optional.of(Bytes.wrap(Files.readAllBytes(file)));
      } catch (NoSuchFileException e) {
        // A deletion moves the file to the kept name, which is read next.
      }
    }
    return Optional.empty();
  }

  /** Deletes the kept files. */
  void endBackup() throws IOException {
    keepsDeleted = false;
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        if (file.getFileName().toString().endsWith(KEPT_SUFFIX)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Called after each step of writing and deleting; a test overrides it to stop there. */
  void step(String done) {
    log.trace("{}", done);
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void forceDirectory() throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
    // Flush the parent too: the directory may be new.
    var parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      try (var channel = FileChannel.open(parent, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private Path kept(DocumentId document) {
    return directory.resolve(document.value() + KEPT_SUFFIX);
  }

  private Path file(DocumentId document) {
    return directory.resolve(document.value() + SUFFIX);
  }
}
