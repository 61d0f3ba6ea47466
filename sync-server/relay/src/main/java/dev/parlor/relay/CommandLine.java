package dev.parlor.relay;

import java.io.PrintStream;
import java.util.List;
import java.util.Set;

/**
 * The command of a program and its flags, such as {@code serve --port 0}. The default command is
 * {@code serve}.
 *
 * @param command the command; {@code help} if any argument is {@code --help}
 * @param flags the arguments after the command
 */
public record CommandLine(String command, List<String> flags) {

  public CommandLine {
    flags = List.copyOf(flags);
  }

  /** Parses the arguments of a process. */
  public static CommandLine of(List<String> arguments) {
    if (arguments.contains("--help")) {
      return new CommandLine("help", List.of());
    }
    return arguments.isEmpty() || arguments.getFirst().startsWith("--")
        ? new CommandLine("serve", arguments)
        : new CommandLine(arguments.getFirst(), arguments.subList(1, arguments.size()));
  }

  /**
   * Whether {@code commands} contains this command. If not, prints an error message.
   *
   * @param program the text that starts the program in a shell, for the error message
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
