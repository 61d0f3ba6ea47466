package dev.parlor.server.backup;

import dev.parlor.relay.backup.BackupChain;
import dev.parlor.relay.backup.BackupRestore;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The command {@code restore}: makes a data directory from a backup. Runs on the main thread. */
final class RestoreCommand {

  static final String USAGE =
      """
      Usage: parlor restore BACKUP DIRECTORY [--without-damaged]

      Makes a new data directory from a backup: a file, or a folder of backups, of which the newest
      is taken. The files that a backup builds on must be in the same folder. The directory must be
      empty or missing. Afterwards start the server with --data DIRECTORY.

        --without-damaged   restore a damaged backup without its damaged values, and name them

      """;

  private final Path workingDirectory;
  private final PrintStream out;

  RestoreCommand(Path workingDirectory, PrintStream out) {
    this.workingDirectory = workingDirectory;
    this.out = out;
  }

  /**
   * Runs the command.
   *
   * @return the exit status: 0, or 1 if damaged values were left out
   */
  int run(List<String> arguments) throws CommandArguments.Refused, IOException {
    var parsed = CommandArguments.parse(arguments, Set.of(), Set.of("without-damaged"));
    var backup = workingDirectory.resolve(parsed.path(0, "the backup"));
    var directory = workingDirectory.resolve(parsed.path(1, "the new data directory"));
    parsed.requirePaths(2);
    parsed.requireNoSettings();
    var chain = chainOf(backup);
    var limits = ServiceLimits.defaults().relay().storage();
    var check =
        new BackupRestore(chain, limits, new ArchivedRooms())
            .into(directory, parsed.switches().contains("without-damaged"));
    check.damage().forEach(sentence -> out.println("left out: " + sentence));
    var header = BackupChain.header(chain.newest());
    out.println(
        "restored "
            + check.documents()
            + " documents, "
            + check.records()
            + " records and "
            + check.files()
            + " archived rooms, as of "
            + header.createdAt()
            + ", into "
            + directory);
    out.println("Start the server with: --data " + directory);
    return check.damage().isEmpty() ? 0 : 1;
  }

  /** The chain of a backup file, or of the newest backup in a folder. */
  static BackupChain chainOf(Path backup) throws IOException {
    if (!Files.isDirectory(backup)) {
      if (!Files.isReadable(backup)) {
        throw new IOException(backup + " cannot be read");
      }
      return BackupChain.of(backup);
    }
    var newest = BackupChain.newestIn(backup);
    if (newest.isEmpty()) {
      throw new IOException(
          backup + " has no backup that can be read: no file that ends with " + BackupChain.SUFFIX);
    }
    return BackupChain.of(newest.get());
  }
}
