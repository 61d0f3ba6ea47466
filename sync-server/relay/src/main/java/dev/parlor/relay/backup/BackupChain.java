package dev.parlor.relay.backup;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The files that together are one backup: a full backup and the backups that build on it, oldest
 * first. All of them are in one folder.
 */
public record BackupChain(List<Path> files) {

  /** The end of the name of every backup file. */
  public static final String SUFFIX = ".backup";

  /** Files of one chain; above: the chain is refused. A loop of files has no end. */
  private static final int FILES_MAX = 10_000;

  public BackupChain {
    files = List.copyOf(files);
  }

  /** The newest file. */
  public Path newest() {
    return files.getLast();
  }

  /**
   * Finds the files that a backup builds on, in its folder.
   *
   * @throws IOException with one sentence for the operator, if a file is missing or replaced
   */
  public static BackupChain of(Path file) throws IOException {
    var chain = new ArrayList<Path>();
    var current = file;
    while (true) {
      chain.addFirst(current);
      var base = header(current).base();
      if (base.isEmpty()) {
        return new BackupChain(chain);
      }
      if (chain.size() == FILES_MAX) {
        throw new DamagedBackupException(file + " builds on more than " + FILES_MAX + " backups");
      }
      current = find(current, base.get());
    }
  }

  private static Path find(Path file, BackupHeader.Base base) throws IOException {
    var folder = folderOf(file);
    for (var candidate : filesIn(folder)) {
      if (readable(candidate).filter(header -> header.id().equals(base.id())).isPresent()) {
        if (!storedSha256(candidate).equals(base.sha256())) {
          throw new DamagedBackupException(
              file
                  + " builds on "
                  + candidate
                  + ", but that file has changed since: its checksum is another");
        }
        return candidate;
      }
    }
    throw new DamagedBackupException(
        file
            + " has only what changed since the backup "
            + base.id()
            + ", and that backup is not in "
            + folder
            + "; put it there");
  }

  private static Path folderOf(Path file) {
    var folder = file.toAbsolutePath().getParent();
    return folder == null ? file.toAbsolutePath() : folder;
  }

  /** The backup files in a folder, by name. */
  public static List<Path> filesIn(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(SUFFIX) && Files.isRegularFile(file))
          .sorted()
          .toList();
    }
  }

  /** The newest backup of a folder; empty if the folder has none that can be read. */
  public static Optional<Path> newestIn(Path folder) throws IOException {
    return filesIn(folder).stream()
        .filter(file -> readable(file).isPresent())
        .max(Comparator.comparing((Path file) -> readable(file).orElseThrow().createdAt()));
  }

  private static Optional<BackupHeader> readable(Path file) {
    try {
      return Optional.of(header(file));
    } catch (IOException e) {
      return Optional.empty(); // verify names this file
    }
  }

  /** The header of a backup file. */
  public static BackupHeader header(Path file) throws IOException {
    try (var reader = BackupReader.open(file, false)) {
      return reader.header();
    }
  }

  /** The SHA-256 at the end of a backup file. */
  public static String storedSha256(Path file) throws IOException {
    try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
      var end = new byte[BackupEntry.SHA256_BYTES];
      bytes.seek(Math.max(0, bytes.length() - end.length));
      bytes.readFully(end, 0, (int) Math.min(end.length, bytes.length()));
      return HexFormat.of().formatHex(end);
    }
  }
}
