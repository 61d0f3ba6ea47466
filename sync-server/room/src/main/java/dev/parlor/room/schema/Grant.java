package dev.parlor.room.schema;

/**
 * The server's answer to the one request that runs.
 *
 * @param epoch the fencing number of this run
 * @param leaseUntil milliseconds since the epoch; the run is void after this time
 */
public record Grant(String request, long epoch, long at, long leaseUntil) {}
