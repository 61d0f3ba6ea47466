package dev.parlor.server.backup;

import dev.parlor.relay.backup.BackupChain;
import dev.parlor.relay.backup.BackupCopy;
import dev.parlor.relay.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command {@code backup}: writes the data of the running server into a new file. Runs on the
 * main thread.
 */
final class BackupCommand {

  static final String USAGE =
      """
      Usage: parlor backup FOLDER [--full] [SETTINGS]
             parlor backup FILE.backup [--since EARLIER.backup] [SETTINGS]

      Writes a backup of the server that runs on this machine. In a folder, the first backup has all
      data, and each later one has what changed since the newest backup there.

        --full          write all data into a new file of the folder
        --since FILE    write only what changed since this backup; keep both in one folder
        SETTINGS        the settings of the server, as for serve; PARLOR_ADMIN_TOKEN if it has one

      A backup has the links and secrets of all rooms. Only its owner can read the file.

      """;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String UNFINISHED = "unfinished";

  private final Map<String, String> environment;
  private final Path workingDirectory;
  private final PrintStream out;

  BackupCommand(Map<String, String> environment, Path workingDirectory, PrintStream out) {
    this.environment = environment;
    this.workingDirectory = workingDirectory;
    this.out = out;
  }

  /**
   * Runs the command.
   *
   * @return the exit status: 0, or 1 if the server has values that it cannot read
   */
  int run(List<String> arguments) throws CommandArguments.Refused, ConfigException, IOException {
    var parsed = CommandArguments.parse(arguments, Set.of("since"), Set.of("full"));
    var target = workingDirectory.resolve(parsed.path(0, "the folder or file of the backup"));
    parsed.requirePaths(1);
    var isFile = target.toString().endsWith(BackupChain.SUFFIX);
    var since = parsed.value("since").map(workingDirectory::resolve);
    if (since.isPresent() && !isFile) {
      throw new CommandArguments.Refused(
          "--since is for a file that ends with "
              + BackupChain.SUFFIX
              + "; a folder continues its newest backup");
    }
    if (isFile && Files.exists(target)) {
      throw new IOException(target + " exists already; it was not changed");
    }
    if (!isFile && Files.exists(target) && !Files.isDirectory(target)) {
      throw new CommandArguments.Refused(
          target + " is a file; name a folder, or a new file that ends with " + BackupChain.SUFFIX);
    }
    var server = RunningServer.of(parsed.settings(), environment, workingDirectory);
    var folder = isFile ? folderOf(target) : target;
    if (!isFile) {
      Files.createDirectories(folder, NewFile.ownerOnly("rwx------"));
      if (!parsed.switches().contains("full")) {
        since = BackupChain.newestIn(folder);
      }
    }
    Optional<BackupChain> base =
        since.isPresent() ? Optional.of(BackupChain.of(since.get())) : Optional.empty();
    try (var stream = server.openBackup()) {
      return write(stream, base, folder, isFile ? Optional.of(target) : Optional.empty());
    }
  }

  private static Path folderOf(Path file) {
    var folder = file.toAbsolutePath().getParent();
    return folder == null ? file.toAbsolutePath() : folder;
  }

  /**
   * Writes the stream.
   *
   * @param file the file to write; empty for a new name in the folder
   */
  private int write(
      InputStream stream, Optional<BackupChain> base, Path folder, Optional<Path> file)
      throws IOException {
    var unfinished =
        folder.resolve("." + UNFINISHED + "-" + ProcessHandle.current().pid() + ".new");
    Files.deleteIfExists(unfinished);
    BackupCopy.Summary[] summary = new BackupCopy.Summary[1];
    try {
      NewFile.write(unfinished, target -> summary[0] = BackupCopy.copy(stream, base, target));
      var name = file.orElse(folder.resolve(nameOf(summary[0])));
      try {
        // A link and not a move: it never replaces an existing file.
        Files.createLink(name, unfinished);
      } catch (FileAlreadyExistsException e) {
        throw new IOException(name + " exists already; it was not changed", e);
      } catch (UnsupportedOperationException e) {
        Files.move(unfinished, name, StandardCopyOption.ATOMIC_MOVE);
      }
      if (file.isEmpty()) {
        Checksums.add(name);
      }
      return report(name, summary[0], base);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static String nameOf(BackupCopy.Summary summary) {
    var header = summary.header();
    return "parlor-"
        + TIME.format(header.createdAt())
        + "-"
        + header.id().substring(0, 4)
        + (header.base().isPresent() ? "-changes" : "-full")
        + BackupChain.SUFFIX;
  }

  private int report(Path file, BackupCopy.Summary summary, Optional<BackupChain> base)
      throws IOException {
    out.println("backup: " + file);
    out.println(
        summary.values()
            + " values"
            + (base.isPresent()
                ? ", "
                    + summary.written()
                    + " new or changed and "
                    + summary.removed()
                    + " removed since "
                    + base.get().newest().getFileName()
                : "")
            + "; "
            + Files.size(file)
            + " bytes; state of "
            + summary.header().createdAt()
            + "; the writers of the server waited "
            + summary.header().pausedMicros()
            + " microseconds");
    if (summary.damaged() > 0) {
      out.println(
          summary.damaged()
              + " values of the server cannot be read and are not in this backup; parlor verify"
              + " names them");
      return 1;
    }
    return 0;
  }
}
