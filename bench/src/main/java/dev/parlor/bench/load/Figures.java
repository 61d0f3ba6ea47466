package dev.parlor.bench.load;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was measured of one server in one run; what does not apply is missing. */
record Figures(Map<Figure, Double> values) {

  Figures {
    values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** Several runs of the same: median, least and most of one figure; NaN when it is missing. */
  record Spread(double median, double min, double max) {

    static Spread of(List<Figures> runs, Figure figure) {
      var sorted =
          runs.stream()
              .mapToDouble(run -> run.values.getOrDefault(figure, Double.NaN))
              .filter(value -> !Double.isNaN(value))
              .sorted()
              .toArray();
      if (sorted.length == 0) {
        return new Spread(Double.NaN, Double.NaN, Double.NaN);
      }
      var middle = sorted.length / 2;
      var median =
          sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
      return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
  }
}
