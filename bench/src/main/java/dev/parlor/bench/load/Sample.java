package dev.parlor.bench.load;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** A scenario of the second table: a few named figures of one server, measured in one run. */
interface Sample {

  /** The relays that support this scenario, Parlor first. */
  List<ServerUnderTest> relays();

  /**
   * Starts the server, measures, ends it. The figures' names carry their units and are the same for
   * every relay; a figure that a server cannot give is missing.
   */
  Map<String, Double> measure(ServerUnderTest relay) throws TimeoutException;
}
