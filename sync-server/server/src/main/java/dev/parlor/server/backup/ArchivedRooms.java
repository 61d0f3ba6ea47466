package dev.parlor.server.backup;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.backup.BesideFiles;
import dev.parlor.relay.backup.DocumentCheck;
import dev.parlor.room.archive.Archive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The archived rooms in backups and in data directories that no server has open. */
final class ArchivedRooms implements BesideFiles {

  private static final String FOLDER = "archive";
  private static final String SUFFIX = ".room";

  /** The name of a document's file in a backup: its path below the data directory. */
  static String nameOf(DocumentId document) {
    return FOLDER + "/" + document.value() + SUFFIX;
  }

  /** The document of a name; empty if the archive has no file of this name. */
  private static Optional<DocumentId> documentOf(String name) {
    if (!name.startsWith(FOLDER + "/") || !name.endsWith(SUFFIX)) {
      return Optional.empty();
    }
    var id = name.substring(FOLDER.length() + 1, name.length() - SUFFIX.length());
    return DocumentId.parse(id) instanceof Decoded<DocumentId>(var document)
        ? Optional.of(document)
        : Optional.empty();
  }

  @Override
  public @Nullable String problemOf(String name, Bytes contents) {
    var document = documentOf(name);
    if (document.isEmpty()) {
      return "this is not the name of an archived room";
    }
    try {
      return DocumentCheck.problemOf(Archive.contentsOf(document.get(), contents));
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @Override
  public void write(Path dataDirectory, String name, Bytes contents) throws IOException {
    var document =
        documentOf(name).orElseThrow(() -> new IOException(name + " is no archived room"));
    Archive.writeFile(dataDirectory.resolve(FOLDER), document, contents);
  }

  /** The names of the files of archived rooms in a data directory. */
  static List<String> namesIn(Path dataDirectory) throws IOException {
    var folder = dataDirectory.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files
          .map(file -> FOLDER + "/" + file.getFileName())
          .filter(name -> documentOf(name).isPresent())
          .sorted()
          .toList();
    }
  }
}
