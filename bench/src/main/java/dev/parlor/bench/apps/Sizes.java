package dev.parlor.bench.apps;

import java.time.Duration;

/**
 * The sizes of a run of the benchmark.
 *
 * @param warm warm-up before each figure
 * @param measured time of each figure
 * @param clients sockets that append at the same time
 * @param offeredAppends appends per second of the load at a fixed rate
 * @param deployers sockets that deploy at the same time
 * @param offeredDeploys deploys per second of the load at a fixed rate
 * @param pageConnections connections for pages
 * @param offeredPages requests for pages per second of the load at a fixed rate
 * @param newApps apps whose first page is measured
 * @param readers readers of the room
 * @param roomEdits measured edits of the room in each of its four turns
 */
record Sizes(
    Duration warm,
    Duration measured,
    int clients,
    int offeredAppends,
    int deployers,
    int offeredDeploys,
    int pageConnections,
    int offeredPages,
    int newApps,
    int readers,
    int roomEdits) {

  /** The sizes at which the figures are measured. */
  static Sizes full() {
    return new Sizes(
        Duration.ofSeconds(5), Duration.ofSeconds(8), 64, 4_000, 4, 30, 32, 2_000, 60, 10, 80);
  }

  /** Sizes at which every part runs once, for a test. */
  static Sizes small() {
    return new Sizes(Duration.ofMillis(20), Duration.ofMillis(100), 2, 50, 1, 10, 2, 50, 2, 1, 2);
  }

  /** As these, with another time for warm-up and for measuring. */
  Sizes lasting(Duration otherWarm, Duration otherMeasured) {
    return new Sizes(
        otherWarm,
        otherMeasured,
        clients,
        offeredAppends,
        deployers,
        offeredDeploys,
        pageConnections,
        offeredPages,
        newApps,
        readers,
        roomEdits);
  }
}
