package dev.parlor.relay;

import dev.parlor.relay.cluster.ClusterFaultException;
import dev.parlor.relay.config.RelayConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a server as a process: starts it, prints one line, waits for a signal and stops it in order.
 * Runs on the main thread; the stop runs on a thread of its own.
 */
public final class ServingProcess {

  /** Settings, command line or the cluster are not usable; nothing was started. */
  public static final int EXIT_USAGE = 2;

  /** The server did not start or did not stop in order; the reason was printed or logged. */
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

  /** Makes the line that announces the URL of a started server. */
  @FunctionalInterface
  public interface Announcement<S> {
    String of(S server);
  }

  private ServingProcess() {}

  /**
   * Serves until a signal ends the process. Returns only if the start failed, with the exit status.
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
    } catch (ClusterFaultException e) {
      err.println("parlor: " + e.getMessage());
      return EXIT_USAGE;
    } catch (IOException | UncheckedIOException e) {
      err.println("parlor: " + startFailure(config, e));
      return EXIT_FAILED;
    } catch (RuntimeException | Error e) {
      // The caller exits with this code, since threads that were already started would keep the
      // process alive.
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
   * Runs on a signal. Java exits with 128 + the signal's number even after an orderly stop [DU6].
   * So the hook ends the process itself. A second thread ends it if the stop hangs.
   */
  private static void shutDown(RelayConfig config, Closeable server) {
    LOG.info("stopping");
    var _ =
        Thread.ofPlatform()
            .daemon()
            .name("shutdown-deadline")
            .start(() -> haltAfter(millisMax(config)));
    if (config.cluster().isPresent()) {
      SecondSignal.halts(EXIT_FAILED);
    }
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      LOG.error("some parts did not stop in order; acknowledged changes are on disk", e);
      Runtime.getRuntime().halt(EXIT_FAILED);
    }
    LOG.info("stopped");
    Runtime.getRuntime().halt(0);
  }

  /** The longest time of a stop: a node of a cluster lets running answers end first. */
  private static int millisMax(RelayConfig config) {
    var shutdown = config.limits().shutdown();
    return shutdown.millisMax() + (config.cluster().isPresent() ? shutdown.drainMillisMax() : 0);
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

  /** The reason why the start failed, as one sentence for the operator. */
  private static String startFailure(RelayConfig config, Exception problem) {
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
