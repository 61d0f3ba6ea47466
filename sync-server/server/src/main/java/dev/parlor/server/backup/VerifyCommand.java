package dev.parlor.server.backup;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.backup.BackupChain;
import dev.parlor.relay.backup.BackupCheck;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The command {@code verify}: checks a data directory that no server has open, or backups. Changes
 * nothing. Runs on the main thread.
 */
final class VerifyCommand {

  static final String USAGE =
      """
      Usage: parlor verify PATH

      Checks every checksum and the change graph of every document, and names what is damaged. PATH is
      a data directory whose server is stopped, a backup file with the files that it builds on, or a
      folder of backups. It changes nothing.

      Exit status: 0 if all is well, 1 if something is damaged, 2 if PATH cannot be checked.

      """;

  private final Path workingDirectory;
  private final PrintStream out;

  VerifyCommand(Path workingDirectory, PrintStream out) {
    this.workingDirectory = workingDirectory;
    this.out = out;
  }

  /**
   * Runs the command.
   *
   * @return the exit status: 0, or 1 if something is damaged
   * @throws IOException if the path cannot be checked
   */
  int run(List<String> arguments) throws CommandArguments.Refused, IOException {
    var parsed = CommandArguments.parse(arguments, Set.of(), Set.of());
    var path = workingDirectory.resolve(parsed.path(0, "the data directory or backup"));
    parsed.requirePaths(1);
    parsed.requireNoSettings();
    if (!Files.exists(path)) {
      throw new IOException(path + " does not exist");
    }
    var check =
        Files.isDirectory(path)
            ? BackupChain.filesIn(path).isEmpty() ? dataDirectory(path) : folder(path)
            : BackupCheck.of(BackupChain.of(path), new ArchivedRooms());
    check.damage().forEach(sentence -> out.println("damaged: " + sentence));
    out.println(
        path
            + ": "
            + check.documents()
            + " documents, "
            + check.records()
            + " records and "
            + check.files()
            + " archived rooms checked, "
            + (check.damage().isEmpty() ? "all intact" : check.damage().size() + " damaged"));
    return check.damage().isEmpty() ? 0 : 1;
  }

  private static BackupCheck dataDirectory(Path path) throws IOException {
    var stores = BackupCheck.ofDataDirectory(path, ServiceLimits.defaults().relay().storage());
    var rooms = new ArchivedRooms();
    var names = ArchivedRooms.namesIn(path);
    var damage = new ArrayList<String>();
    for (var name : names) {
      var problem = rooms.problemOf(name, Bytes.wrap(Files.readAllBytes(path.resolve(name))));
      if (problem != null) {
        damage.add("file " + name + ": " + problem);
      }
    }
    return stores.withFiles(names.size(), damage);
  }

  /** Checks all backups of a folder. The counts are those of the newest. */
  private static BackupCheck folder(Path path) throws IOException {
    Set<String> damage = new LinkedHashSet<>(Checksums.problemsIn(path));
    var newest = BackupChain.newestIn(path);
    var counts = new BackupCheck(0, 0, 0, List.of());
    for (var file : BackupChain.filesIn(path)) {
      try {
        var check = BackupCheck.of(BackupChain.of(file), new ArchivedRooms());
        damage.addAll(check.damage());
        counts = newest.filter(file::equals).isPresent() ? check : counts;
      } catch (IOException e) {
        damage.add(String.valueOf(e.getMessage()));
      }
    }
    return new BackupCheck(
        counts.records(), counts.documents(), counts.files(), List.copyOf(damage));
  }
}
