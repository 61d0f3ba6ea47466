package dev.parlor.relay.health;

import dev.parlor.relay.config.RelayConfig;
import java.io.PrintStream;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Sends every log line of the process, including those of libraries, to standard error in one
 * format. Our classes log through slf4j on java.util.logging, which Helidon uses as well.
 */
public final class Logs {

  private static final String OURS = "dev.parlor";

  private Logs() {}

  /** Called once at start, before anything logs. */
  public static void configure(RelayConfig.Log log) {
    configure(log, System.err);
  }

  static void configure(RelayConfig.Log log, PrintStream out) {
    LogManager.getLogManager().reset();
    var root = Logger.getLogger("");
    root.addHandler(new LineHandler(out, log.format() == RelayConfig.Log.Format.JSON));
    // Libraries log from warning on; with debug, from info on.
    root.setLevel(
        switch (log.level()) {
          case ERROR -> Level.SEVERE;
          case WARN, INFO -> Level.WARNING;
          case DEBUG -> Level.INFO;
        });
    OURS_LOGGER.setLevel(
        switch (log.level()) {
          case ERROR -> Level.SEVERE;
          case WARN -> Level.WARNING;
          case INFO -> Level.INFO;
          case DEBUG -> Level.FINE;
        });
  }

  /** Kept in a field, since java.util.logging loses the level of an unreferenced logger. */
  private static final Logger OURS_LOGGER = Logger.getLogger(OURS);

  /** Writes whole lines; unlike StreamHandler it never drops a line because of its encoding. */
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
