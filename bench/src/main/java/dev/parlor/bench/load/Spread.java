package dev.parlor.bench.load;

import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;

/** The median, minimum, maximum and number of the values of several runs; NaN without a run. */
record Spread(double median, double min, double max, int runs) {

  /** NaN values count as not measured. */
  static Spread of(DoubleStream values) {
    var sorted = values.filter(value -> !Double.isNaN(value)).sorted().toArray();
    if (sorted.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    var middle = sorted.length / 2;
    var median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /** The median, with minimum and maximum if there were several runs. */
  String text(DoubleFunction<String> format) {
    return switch (runs) {
      case 0 -> "–";
      case 1 -> format.apply(median);
      default -> format.apply(median) + " (" + format.apply(min) + "–" + format.apply(max) + ")";
    };
  }
}
