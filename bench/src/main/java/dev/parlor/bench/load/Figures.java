package dev.parlor.bench.load;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The figures of one server in one run; a figure that does not apply is missing. */
record Figures(Map<Figure, Double> values) {

  Figures {
    values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** One figure over several runs. */
  static Spread spread(List<Figures> runs, Figure figure) {
    return Spread.of(runs.stream().mapToDouble(run -> run.values.getOrDefault(figure, Double.NaN)));
  }
}
