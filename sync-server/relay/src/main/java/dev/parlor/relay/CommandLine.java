package dev.parlor.relay;

import java.io.PrintStream;
import java.util.List;
import java.util.Set;

/**
 * A command and its flags, as {@code serve --port 0}. Without a command it is {@code serve}.
 *
 * @param command the name of the command; {@code help} if any argument is {@code --help}
 * @param flags the arguments after the command
 */
public record CommandLine(String command, List<String> flags) {

  public CommandLine {
    flags = List.copyOf(flags);
  }

  /** Splits the arguments of a process into the command and its flags. */
  public static CommandLine of(List<String> arguments) {
    if (arguments.contains("--help")) {
      return new CommandLine("help", List.of());
    }
    return arguments.isEmpty() || arguments.getFirst().startsWith("--")
        ? new CommandLine("serve", arguments)
        : new CommandLine(arguments.getFirst(), arguments.subList(1, arguments.size()));
  }

  /**
   * Checks that the program has this command. If it has not, prints an error that names the
   * command.
   *
   * @param program the words that start the program, for the error
   */
  public boolean isOneOf(Set<String> commands, String program, PrintStream err) {
    if (commands.contains(command)) {
      return true;
    }
    err.println(
        "parlor: unknown command \"" + command + "\"; " + program + " --help lists the commands");
    return false;
  }
}
