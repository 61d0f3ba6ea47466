package dev.parlor.room.archive;

import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
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

  private final Path directory;
  private final Set<DocumentId> archived = ConcurrentHashMap.newKeySet();

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

  void delete(DocumentId document) throws IOException {
    Files.deleteIfExists(file(document));
    step("deleted");
    // Flush the deletion: if the file reappeared after a power failure, it would be restored.
    forceDirectory();
    archived.remove(document);
    step("out of the archive");
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

  private Path file(DocumentId document) {
    return directory.resolve(document.value() + SUFFIX);
  }
}
