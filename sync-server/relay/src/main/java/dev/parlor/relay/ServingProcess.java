package dev.parlor.relay;

import dev.parlor.relay.config.RelayConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a server process: starts the server, prints where it is, waits for a signal and stops the
 * server. Runs on the main thread; the stop runs on the thread {@code shutdown}.
 */
public final class ServingProcess {

  /** Exit status: the settings or the command line are invalid, and the server was not started. */
  public static final int EXIT_USAGE = 2;

  /** Exit status: the start or the stop failed; the reason was printed or logged. */
  public static final int EXIT_FAILED = 1;

  private static final Logger LOG = LoggerFactory.getLogger(ServingProcess.class);

  /** Starts the server. */
  @FunctionalInterface
  public interface Start<S extends Closeable> {
    S start() throws IOException;
  }

  /** A server that can be closed. */
  public interface Closeable extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** Creates the line that announces the URL of the started server. */
  @FunctionalInterface
  public interface Announcement<S> {
    String of(S server);
  }

  private ServingProcess() {}

  /**
   * Runs the server until a signal ends the process. Returns only if the start failed.
   *
   * @return the exit status
   */
  public static <S extends Closeable> int serve(
      RelayConfig config,
      Start<S> start,
      Announcement<S> announcement,
      PrintStream out,
      PrintStream err)
      throws InterruptedException {
    S server;
    try {
      server = start.start();
    } catch (IOException | UncheckedIOException e) {
      err.println("parlor: " + explanation(config, e));
      return EXIT_FAILED;
    } catch (RuntimeException | Error e) {
      // The caller ends the process with this status, since started threads would keep it alive.
      err.println("parlor: the server could not start");
      e.printStackTrace(err);
      return EXIT_FAILED;
    }
    var stop = Thread.ofPlatform().name("shutdown").unstarted(() -> shutDown(config, server));
    Runtime.getRuntime().addShutdownHook(stop);
    out.println(announcement.of(server));
    out.flush();
    Thread.currentThread().join(); // until the hook ends the process
    return 0;
  }

  /**
   * Stops the server after a signal. Java would exit with 128 plus the signal's number even after an
   * orderly stop [DU6], so this hook ends the process itself. A second thread ends the process if
   * the stop takes too long.
   */
  private static void shutDown(RelayConfig config, Closeable server) {
    LOG.info("stopping");
    var _ =
        Thread.ofPlatform()
            .daemon()
            .name("shutdown-deadline")
            .start(() -> haltAfter(config.limits().shutdown().millisMax()));
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      LOG.error("some parts of the server failed to stop; acknowledged changes are on disk", e);
      Runtime.getRuntime().halt(EXIT_FAILED);
    }
    LOG.info("stopped");
    Runtime.getRuntime().halt(0);
  }

  private static void haltAfter(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.error("the stop took too long; the process exits now");
    Runtime.getRuntime().halt(EXIT_FAILED);
  }

  /** The reason of a failed start, in one sentence for the operator. */
  private static String explanation(RelayConfig config, Exception problem) {
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
}
