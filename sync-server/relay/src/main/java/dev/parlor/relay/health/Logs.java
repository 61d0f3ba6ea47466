package dev.parlor.relay.health;

import dev.parlor.relay.config.RelayConfig;
import java.io.PrintStream;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Configures logging: every log line of the process, including those of libraries, goes to standard
 * error in one format. Parlor logs through slf4j on java.util.logging, which Helidon uses as well.
 */
public final class Logs {

  private static final String PARLOR = "dev.parlor";

  private Logs() {}

  /** Configures logging. Called once at the start, before the first log line. */
  public static void configure(RelayConfig.Log log) {
    configure(log, System.err);
  }

  static void configure(RelayConfig.Log log, PrintStream out) {
    LogManager.getLogManager().reset();
    var root = Logger.getLogger("");
    root.addHandler(new LineHandler(out, log.format() == RelayConfig.Log.Format.JSON));
    // Libraries log at the level WARNING and above; with the setting debug, at INFO and above.
    root.setLevel(
        switch (log.level()) {
          case ERROR -> Level.SEVERE;
          case WARN, INFO -> Level.WARNING;
          case DEBUG -> Level.INFO;
        });
    PARLOR_LOGGER.setLevel(
        switch (log.level()) {
          case ERROR -> Level.SEVERE;
          case WARN -> Level.WARNING;
          case INFO -> Level.INFO;
          case DEBUG -> Level.FINE;
        });
  }

  /** Kept in a field: java.util.logging discards an unreferenced logger and its level. */
  private static final Logger PARLOR_LOGGER = Logger.getLogger(PARLOR);

  /** Writes complete lines. Unlike StreamHandler, never drops a line that it cannot encode. */
  private static final class LineHandler extends Handler {
    private final PrintStream out;

    LineHandler(PrintStream out, boolean json) {
      this.out = out;
      setFormatter(new LineFormatter(json));
    }

    @Override
    public void publish(LogRecord record) {
      if (isLoggable(record)) {
        out.print(getFormatter().format(record));
      }
    }

    @Override
    public void flush() {
      out.flush();
    }

    @Override
    public void close() {
      flush();
    }
  }
}
