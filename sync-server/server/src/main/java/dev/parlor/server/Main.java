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
 * {@link Parlor} assembles the server.
 */
public final class Main {

  /** Settings or command line are invalid; the server was not started. */
  static final int EXIT_USAGE = 2;

  /** The server could not start and printed the reason. */
  static final int EXIT_FAILED = 1;

  private static final String USAGE =
      """
      Usage: parlor [COMMAND] [OPTIONS]

        serve        run the server and print the URL to open (the default)
        config       print the settings in force and their sources; secrets are masked
        --help       this text
        --version    the version

      Flags override variables, variables override the file, the file overrides the defaults:

      """;

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
      // The caller exits with this code, since threads that were already started would keep the
      // process alive.
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
   * Runs on a signal. Java exits with 128 + the signal's number even after an orderly stop [DU6].
   * So the hook ends the process itself. A second thread ends it if the stop hangs.
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
      log.error("some parts did not stop in order; acknowledged changes are on disk", e);
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
    LoggerFactory.getLogger(Main.class).error("the stop took too long; the process exits now");
    Runtime.getRuntime().halt(EXIT_FAILED);
  }

  /** One sentence for the operator. */
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

  /** The version of the build; "development" if the build wrote none. */
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
