package dev.parlor.relay;

import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.config.EffectiveSetting;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.RelaySetting;
import dev.parlor.relay.config.Setting;
import dev.parlor.relay.config.SettingSources;
import dev.parlor.relay.config.SettingsReader;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.health.Logs;
import dev.parlor.relay.policy.PolicyFile;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * The program of a relay without rooms. Its commands are {@code serve} (the default), {@code
 * config} and {@code --help}.
 */
public final class Main {

  private static final String USAGE =
      """
      Usage: parlor relay [COMMAND] [OPTIONS]

        serve        run the relay and print the URL for automerge-repo clients (the default)
        config       print the settings in force and their sources
        --help       print this text

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

  /**
   * Runs one command and returns the exit status. {@code serve} returns only if it fails to start.
   */
  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err)
      throws InterruptedException {
    var commandLine = CommandLine.of(args);
    if (!commandLine.isOneOf(COMMANDS, "parlor relay", err)) {
      return ServingProcess.EXIT_USAGE;
    }
    if (commandLine.command().equals("help")) {
      out.print(USAGE + EffectiveSetting.help(List.of(RelaySetting.values())));
      return 0;
    }
    var directory = Path.of("").toAbsolutePath();
    var settings = List.<Setting>of(RelaySetting.values());
    var sources = new SettingSources(settings, commandLine.flags(), environment, directory);
    var reader = new SettingsReader(sources, directory, InstantSource.system());
    var config = RelayConfig.read(reader);
    PolicyFile.check(config.policy(), reader);
    try {
      reader.check();
    } catch (ConfigException e) {
      e.problems().forEach(problem -> err.println("parlor: " + problem));
      return ServingProcess.EXIT_USAGE;
    }
    if (commandLine.command().equals("config")) {
      out.print(
          EffectiveSetting.describe(reader.effectiveSettings(config, Map.of()), reader.notes()));
      return 0;
    }
    Logs.configure(config.log());
    var log = LoggerFactory.getLogger(Main.class);
    reader.notes().forEach(note -> log.warn("{}", note));
    if (config.sync().access() == SyncSettings.Access.CLOSED) {
      log.warn("/sync is closed, so no client can connect; PARLOR_SYNC_ACCESS=open opens it");
    }
    return ServingProcess.serve(
        config,
        () -> Relay.start(config),
        relay -> "The relay is open at " + relay.url(),
        out,
        err);
  }
}
