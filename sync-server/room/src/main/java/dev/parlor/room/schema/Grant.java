package dev.parlor.room.schema;

/**
 * The server's permission for the one request that runs.
 *
 * @param epoch the fencing number of this run
 * @param at time of the grant, in milliseconds since 1970
 * @param leaseUntil time at which the run ends at the latest, in milliseconds since 1970
 */
public record Grant(String request, long epoch, long at, long leaseUntil) {}
