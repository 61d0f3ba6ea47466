package dev.parlor.server.hostile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The figures of {@code ./parlor bench attacks}: how long the changes of the honest clients took
 * during each attack, beside the {@link Canary}'s times. They decide nothing. A test run measures
 * none.
 */
final class AttackFigures implements AutoCloseable {

  private final @Nullable Canary canary;

  private AttackFigures(@Nullable Canary canary) {
    this.canary = canary;
  }

  /** Measures if the property {@code parlor.figures} is true. */
  static AttackFigures measuring(Path folder) throws IOException {
    return new AttackFigures(Boolean.getBoolean("parlor.figures") ? new Canary(folder) : null);
  }

  boolean areWanted() {
    return canary != null;
  }

  void begin() {
    if (canary != null) {
      canary.take();
    }
  }

  /** Prints the times in ms, which are ascending. */
  void end(String name, int times, double[] roundTrips) {
    if (canary != null) {
      System.out.printf(
          Locale.ROOT,
          "figure: %-32s %4d attacks, %4d honest changes, p50 %6.1f ms, p99 %6.1f ms (machine alone: p99 %.1f ms)%n",
          name,
          times,
          roundTrips.length,
          at(roundTrips, 0.5),
          at(roundTrips, 0.99),
          at(canary.take(), 0.99));
    }
  }

  private static double at(double[] ascending, double part) {
    return ascending.length == 0
        ? Double.NaN
        : ascending[(int) Math.ceil(ascending.length * part) - 1];
  }

  @Override
  public void close() throws IOException {
    if (canary != null) {
      canary.close();
    }
  }
}
