package dev.parlor.server.hostile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Prints the figures of {@code ./parlor bench attacks}: how long the changes of the honest clients
 * took during each attack, beside the times of the {@link LatencyBaseline}. A test run measures no
 * figures, and no assertion depends on them.
 */
final class AttackFigures implements AutoCloseable {

  private final @Nullable LatencyBaseline baseline;

  private AttackFigures(@Nullable LatencyBaseline baseline) {
    this.baseline = baseline;
  }

  /** Figures that are measured only if the system property {@code parlor.figures} is true. */
  static AttackFigures create(Path folder) throws IOException {
    return new AttackFigures(
        Boolean.getBoolean("parlor.figures") ? new LatencyBaseline(folder) : null);
  }

  boolean isMeasuring() {
    return baseline != null;
  }

  void begin() {
    if (baseline != null) {
      baseline.takeMillis();
    }
  }

  /**
   * Prints the figures of one attack.
   *
   * @param roundTripMillis the times of the honest clients' changes, ascending
   */
  void end(String name, int attacks, double[] roundTripMillis) {
    if (baseline != null) {
      System.out.printf(
          Locale.ROOT,
          "figure: %-32s %4d attacks, %4d honest changes, p50 %6.1f ms, p99 %6.1f ms (machine alone: p99 %.1f ms)%n",
          name,
          attacks,
          roundTripMillis.length,
          percentile(roundTripMillis, 0.5),
          percentile(roundTripMillis, 0.99),
          percentile(baseline.takeMillis(), 0.99));
    }
  }

  private static double percentile(double[] ascending, double fraction) {
    return ascending.length == 0
        ? Double.NaN
        : ascending[(int) Math.ceil(ascending.length * fraction) - 1];
  }

  @Override
  public void close() throws IOException {
    if (baseline != null) {
      baseline.close();
    }
  }
}
