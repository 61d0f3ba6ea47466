package dev.parlor.server;

import dev.parlor.server.config.ConfigException;
import dev.parlor.server.config.ServerConfig;
import dev.parlor.server.health.Logs;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * The command line: {@code serve} (the default), {@code config}, {@code --help}, {@code --version}.
 * What the server is made of stands in {@link Parlor}.
 */
public final class Main {

  /** Settings or command line are wrong; nothing was started. */
  static final int EXIT_USAGE = 2;

  /** The server could not start, for a reason that it said. */
  static final int EXIT_FAILED = 1;

  private static final String USAGE =
      """
      Usage: parlor [COMMAND] [OPTIONS]

        serve        run the server and print the URL to open (the default)
        config       print the settings in force, secrets masked, and where each comes from
        --help       this text
        --version    the version

      Options and variables; flags win over variables, these over the file, the file over defaults:

      """;

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    var status = run(List.of(args), System.getenv(), System.out, System.err);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Runs one command; {@code serve} returns when it failed to start, else with the process. */
  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err)
      throws InterruptedException {
    var first = args.isEmpty() ? "serve" : args.getFirst();
    var isCommand = !first.startsWith("--");
    var flags = isCommand && !args.isEmpty() ? args.subList(1, args.size()) : args;
    if (args.contains("--help") || first.equals("help")) {
      out.print(USAGE + ServerConfig.help());
      return 0;
    }
    if (first.equals("--version")) {
      out.println("parlor " + version());
      return 0;
    }
    if (isCommand && !first.equals("serve") && !first.equals("config")) {
      err.println("parlor: there is no command \"" + first + "\"; parlor --help lists them");
      return EXIT_USAGE;
    }
    ServerConfig config;
    try {
      config = ServerConfig.read(flags, environment, Path.of("").toAbsolutePath());
    } catch (ConfigException e) {
      e.problems().forEach(problem -> err.println("parlor: " + problem));
      return EXIT_USAGE;
    }
    if (first.equals("config")) {
      out.print(config.describe());
      return 0;
    }
    return serve(config, out, err);
  }

  private static int serve(ServerConfig config, PrintStream out, PrintStream err)
      throws InterruptedException {
    Logs.configure(config.log());
    Parlor parlor;
    try {
      parlor = Parlor.start(config, version(), Main.class.getClassLoader());
    } catch (IOException | UncheckedIOException e) {
      err.println("parlor: " + sentence(config, e));
      return EXIT_FAILED;
    } catch (RuntimeException | Error e) {
      // Said and ended here: threads that were started already would keep the process.
      err.println("parlor: the server could not start");
      e.printStackTrace(err);
      return EXIT_FAILED;
    }
    var hook = Thread.ofPlatform().name("shutdown").unstarted(() -> shutDown(config, parlor));
    Runtime.getRuntime().addShutdownHook(hook);
    out.println("Parlor is open at " + parlor.url());
    out.flush();
    Thread.currentThread().join(); // until the hook ends the process
    return 0;
  }

  /**
   * Runs on a signal. Java would end with 128 + the signal's number even after an orderly stop
   * [DU6], so the hook ends the process itself; a second thread does so if stopping hangs.
   */
  private static void shutDown(ServerConfig config, Parlor parlor) {
    var log = LoggerFactory.getLogger(Main.class);
    log.info("stopping");
    var _ =
        Thread.ofPlatform()
            .daemon()
            .name("shutdown-deadline")
            .start(() -> haltAfter(config.limits().shutdown().millisMax()));
    try {
      parlor.close();
    } catch (IOException | RuntimeException e) {
      log.error("not everything stopped in order; acknowledged changes are on disk", e);
      Runtime.getRuntime().halt(EXIT_FAILED);
    }
    log.info("stopped");
    Runtime.getRuntime().halt(0);
  }

  private static void haltAfter(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LoggerFactory.getLogger(Main.class).error("stopping took too long; ending now");
    Runtime.getRuntime().halt(EXIT_FAILED);
  }

  /** One sentence for the person who started the server. */
  private static String sentence(ServerConfig config, Exception problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return "port "
            + config.port()
            + " on "
            + config.host()
            + " is taken or not allowed ("
            + cause.getMessage()
            + "); choose another with --port";
      }
    }
    var cause =
        problem instanceof UncheckedIOException && problem.getCause() != null
            ? problem.getCause()
            : problem;
    return String.valueOf(cause.getMessage());
  }

  /** The version of the build, or "development" where no build wrote one. */
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
