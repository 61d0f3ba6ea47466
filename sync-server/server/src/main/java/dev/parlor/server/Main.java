package dev.parlor.server;

import dev.parlor.relay.CommandLine;
import dev.parlor.relay.ServingProcess;
import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.health.Logs;
import dev.parlor.server.backup.BackupCommands;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The command line of the server with rooms: {@code serve} (the default), {@code config}, {@code
 * backup}, {@code restore}, {@code verify}, {@code device-cert}, {@code --help} and {@code
 * --version}. {@link Parlor} assembles the server.
 */
public final class Main {

  private static final String USAGE =
      """
      Usage: parlor [COMMAND] [OPTIONS]

        serve        run the server and print the URL to open (the default)
        config       print the settings in force and their sources; secrets are masked
        backup       write a backup of the running server; parlor backup --help
        restore      make a data directory from a backup; parlor restore --help
        verify       check a data directory or a backup; parlor verify --help
        device-cert  create a CA for devices, or issue a certificate; parlor device-cert --help
        --help       print this text
        --version    print the version

      Flags override environment variables, variables override the settings file, and the file
      overrides the defaults:

      """;

  private static final Set<String> COMMANDS = Set.of("serve", "config", "help");

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    var status = run(List.of(args), System.getenv(), System.out, System.err);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Runs one command. {@code serve} returns only if the start failed. */
  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err)
      throws InterruptedException {
    if (!args.isEmpty() && args.getFirst().equals("--version")) {
      out.println("parlor " + version());
      return 0;
    }
    if (!args.isEmpty() && args.getFirst().equals("device-cert")) {
      return deviceCert(args.subList(1, args.size()), out, err);
    }
    if (!args.isEmpty() && BackupCommands.NAMES.contains(args.getFirst())) {
      return BackupCommands.run(
          args.getFirst(),
          args.subList(1, args.size()),
          environment,
          Path.of("").toAbsolutePath(),
          out,
          err);
    }
    var line = CommandLine.of(args);
    if (!line.isOneOf(COMMANDS, "parlor", err)) {
      return ServingProcess.EXIT_USAGE;
    }
    if (line.command().equals("help")) {
      out.print(USAGE + ServerConfig.help());
      return 0;
    }
    ServerConfig config;
    try {
      config = ServerConfig.read(line.flags(), environment, Path.of("").toAbsolutePath());
    } catch (ConfigException e) {
      e.problems().forEach(problem -> err.println("parlor: " + problem));
      return ServingProcess.EXIT_USAGE;
    }
    if (line.command().equals("config")) {
      out.print(config.describe());
      return 0;
    }
    return serve(config, out, err);
  }

  private static int deviceCert(List<String> flags, PrintStream out, PrintStream err) {
    if (flags.isEmpty() || flags.contains("--help")) {
      (flags.isEmpty() ? err : out).print(DeviceCertCommand.USAGE);
      return flags.isEmpty() ? ServingProcess.EXIT_USAGE : 0;
    }
    var workingDirectory = Path.of("").toAbsolutePath();
    try {
      new DeviceCertCommand(workingDirectory, new SecureRandom(), InstantSource.system(), out)
          .run(flags);
      return 0;
    } catch (DeviceCertCommand.Refused e) {
      err.println("parlor: " + e.getMessage() + "; parlor device-cert --help lists the options");
      return ServingProcess.EXIT_USAGE;
    } catch (IOException e) {
      err.println("parlor: " + e.getMessage());
      return ServingProcess.EXIT_FAILED;
    }
  }

  private static int serve(ServerConfig config, PrintStream out, PrintStream err)
      throws InterruptedException {
    Logs.configure(config.relay().log());
    return ServingProcess.serve(
        config.relay(),
        () -> Parlor.start(config, version(), Main.class.getClassLoader()),
        parlor -> "Parlor is open at " + parlor.url(),
        out,
        err);
  }

  /** The version of the build; "development" if the build recorded no version. */
  static String version() {
    try (var in = Main.class.getResourceAsStream("version.txt")) {
      return in == null
          ? "development"
          : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
