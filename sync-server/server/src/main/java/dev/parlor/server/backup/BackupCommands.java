package dev.parlor.server.backup;

import dev.parlor.relay.ServingProcess;
import dev.parlor.relay.config.ConfigException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs {@code backup}, {@code restore} and {@code verify} on the main thread. */
public final class BackupCommands {

  /** The names of the commands. */
  public static final Set<String> NAMES = Set.of("backup", "restore", "verify");

  private BackupCommands() {}

  /**
   * Runs one of the commands.
   *
   * @param arguments the command line after the name
   * @return the exit status
   */
  public static int run(
      String name,
      List<String> arguments,
      Map<String, String> environment,
      Path workingDirectory,
      PrintStream out,
      PrintStream err) {
    var usage =
        switch (name) {
          case "backup" -> BackupCommand.USAGE;
          case "restore" -> RestoreCommand.USAGE;
          default -> VerifyCommand.USAGE;
        };
    if (arguments.isEmpty() || arguments.contains("--help")) {
      (arguments.isEmpty() ? err : out).print(usage);
      return arguments.isEmpty() ? ServingProcess.EXIT_USAGE : 0;
    }
    try {
      return switch (name) {
        case "backup" -> new BackupCommand(environment, workingDirectory, out).run(arguments);
        case "restore" -> new RestoreCommand(workingDirectory, out).run(arguments);
        default -> new VerifyCommand(workingDirectory, out).run(arguments);
      };
    } catch (CommandArguments.Refused e) {
      err.println("parlor: " + e.getMessage() + "; parlor " + name + " --help lists the options");
      return ServingProcess.EXIT_USAGE;
    } catch (ConfigException e) {
      e.problems().forEach(problem -> err.println("parlor: " + problem));
      return ServingProcess.EXIT_USAGE;
    } catch (IOException | UncheckedIOException e) {
      err.println("parlor: " + e.getMessage());
      return name.equals("verify") ? ServingProcess.EXIT_USAGE : ServingProcess.EXIT_FAILED;
    }
  }
}
