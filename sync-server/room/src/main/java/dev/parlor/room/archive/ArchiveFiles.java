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
 * The archive's directory: {@code <document id>.room} for each document. A file exists wholly or
 * not at all. {@link #write} and {@link #delete} are durable when they return. The list of files is
 * kept in memory. Safe from any thread, except for two threads that use the same document.
 */
class ArchiveFiles {

  private static final Logger log = LoggerFactory.getLogger(ArchiveFiles.class);
  private static final String ENDING = ".room";
  private static final String UNFINISHED = ".room.new";

  private final Path directory;
  private final Set<DocumentId> present = ConcurrentHashMap.newKeySet();

  /** The directory is created with its first file. */
  ArchiveFiles(Path directory) throws IOException {
    this.directory = directory;
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        var name = file.getFileName().toString();
        if (name.endsWith(UNFINISHED)) {
          Files.delete(file); // The document had not left the store.
        } else if (name.endsWith(ENDING)
            && DocumentId.parse(name.substring(0, name.length() - ENDING.length()))
                instanceof Decoded<DocumentId>(var document)) {
          present.add(document);
        } else {
          log.warn("the archive holds {}, which is not a room's file; it is ignored", name);
        }
      }
    }
  }

  boolean has(DocumentId document) {
    return present.contains(document);
  }

  Set<DocumentId> documents() {
    return present.stream().collect(Collectors.toUnmodifiableSet());
  }

  /** The entry of a document's file; empty if there is none. */
  Optional<Archive.Entry> entry(DocumentId document) {
    try {
      var file = file(document);
      return Optional.of(
          new Archive.Entry(
              document, Files.size(file), Files.getLastModifiedTime(file).toMillis()));
    } catch (IOException e) {
      return Optional.empty(); // The document was restored meanwhile.
    }
  }

  ArchiveFile read(DocumentId document) throws IOException {
    return ArchiveFile.decode(document, Files.readAllBytes(file(document)));
  }

  void write(ArchiveFile file) throws IOException {
    Files.createDirectories(directory);
    var unfinished = directory.resolve(file.document().value() + UNFINISHED);
    var bytes = ByteBuffer.wrap(file.encode());
    try (var channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      step("opened");
      bytes.limit(bytes.capacity() / 2);
      fill(channel, bytes);
      step("half written");
      bytes.limit(bytes.capacity());
      fill(channel, bytes);
      channel.force(true);
    }
    Files.setLastModifiedTime(unfinished, FileTime.fromMillis(file.archivedAt()));
    step("written");
    Files.move(unfinished, file(file.document()), StandardCopyOption.ATOMIC_MOVE);
    step("named");
    forceDirectory();
    present.add(file.document());
    step("in the archive");
  }

  void delete(DocumentId document) throws IOException {
    Files.deleteIfExists(file(document));
    step("deleted");
    // Flush the deletion: a file that came back after a power failure would be loaded.
    forceDirectory();
    present.remove(document);
    step("out of the archive");
  }

  /** A step at which a test can stop. */
  void step(String done) {
    log.trace("{}", done);
  }

  private static void fill(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void forceDirectory() throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
    // Flush the directory's own name if it was just created.
    var above = directory.toAbsolutePath().getParent();
    if (above != null) {
      try (var channel = FileChannel.open(above, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private Path file(DocumentId document) {
    return directory.resolve(document.value() + ENDING);
  }
}
