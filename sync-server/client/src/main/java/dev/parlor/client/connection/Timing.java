package dev.parlor.client.connection;

import java.time.Duration;

/**
 * The times of a connection.
 *
 * @param pauseMin the pause after the first failed attempt; each further failure doubles it
 * @param pauseMax the longest pause
 * @param busyPause the shortest pause if the server is busy: close code 1013, HTTP status 503
 * @param join the time for one attempt, from the request for an address to the answer to the join
 * @param heartbeat after this time without any byte of the server a ping is sent. If nothing
 *     arrives for as long again, and no waiting data could be sent, the connection is given up
 * @param stable a connection that lasted this long resets the pause
 */
public record Timing(
    Duration pauseMin,
    Duration pauseMax,
    Duration busyPause,
    Duration join,
    Duration heartbeat,
    Duration stable) {

  public static final Timing DEFAULT =
      new Timing(
          Duration.ofMillis(500),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  public Timing {
    if (!pauseMin.isPositive()
        || pauseMax.compareTo(pauseMin) < 0
        || busyPause.isNegative()
        || !join.isPositive()
        || !heartbeat.isPositive()
        || stable.isNegative()) {
      throw new IllegalArgumentException(
          "times must be positive, and pauseMax must not be below pauseMin");
    }
  }
}
