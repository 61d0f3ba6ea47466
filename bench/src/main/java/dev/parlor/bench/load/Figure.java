package dev.parlor.bench.load;

import java.util.Locale;

/** One thing that is measured of a server: its column's title, and how a value is written. */
enum Figure {
  /** CPU of the server process divided by edits. */
  CPU_PER_EDIT("CPU per edit", "ms", 3),
  /** The same divided by deliveries to readers. */
  CPU_PER_DELIVERY("CPU per delivery", "µs", 1),
  /** How often a thread of the server went to sleep of itself, per edit. */
  SWITCHES_PER_EDIT("switches per edit", "", 1),
  /** CPU of the server with the same connections and no edits, milliseconds in a second. */
  IDLE("idle", "ms/s", 1),
  /** Half of the deliveries took no longer, from the writer's send to the reader's receipt. */
  P50("p50", "ms", 2),
  /** The same for 95 of 100. */
  P95("p95", "ms", 2),
  /** The same for 99 of 100. */
  P99("p99", "ms", 2),
  /** From the writer's send to the acknowledgement, half of them. */
  SAVED("saved p50", "ms", 2),
  /** From a late client's request to its having everything, half of them. */
  JOIN("join", "ms", 1),
  /** Resident memory of the server after the edits. */
  RESIDENT("resident", "MiB", 0),
  /** CPU of the load generator in the same time, divided by edits: it shares the machine. */
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
