package dev.parlor.bench.load;

import java.util.Locale;

/** One measured figure of a server: its column title, unit and number format. */
enum Figure {
  /** CPU of the server process divided by edits. */
  CPU_PER_EDIT("CPU per edit", "ms", 3),
  /** CPU of the server process divided by deliveries to readers. */
  CPU_PER_DELIVERY("CPU per delivery", "µs", 1),
  /** Voluntary context switches of the server's threads, per edit. */
  SWITCHES_PER_EDIT("switches per edit", "", 1),
  /** CPU of the server with the same connections and no edits, in milliseconds per second. */
  IDLE("idle", "ms/s", 1),
  /** The median time from the writer's send to a reader's receipt. */
  P50("p50", "ms", 2),
  /** The 95th percentile of the time from send to receipt. */
  P95("p95", "ms", 2),
  /** The 99th percentile of the time from send to receipt. */
  P99("p99", "ms", 2),
  /** The median time from the writer's send to the acknowledgement. */
  SAVED("saved p50", "ms", 2),
  /** The median time from a late client's request until it has the whole document. */
  JOIN("join", "ms", 1),
  /** Resident memory of the server after the edits. */
  RESIDENT("resident", "MiB", 0),
  /** CPU of the load generator per edit; it shares the machine with the server. */
  GENERATOR("load's own CPU", "ms", 3);

  private final String title;
  private final String unit;
  private final int decimals;

  Figure(String title, String unit, int decimals) {
    this.title = title;
    this.unit = unit;
    this.decimals = decimals;
  }

  /** The title with the unit, for a table's head. */
  String head() {
    return unit.isEmpty() ? title : title + ", " + unit;
  }

  /** The name with the unit, for a file. */
  String key() {
    var of = unit.replace("/", "_per_").replace('µ', 'u');
    return (name() + (of.isEmpty() ? "" : "_" + of)).toLowerCase(Locale.ROOT);
  }

  String text(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
