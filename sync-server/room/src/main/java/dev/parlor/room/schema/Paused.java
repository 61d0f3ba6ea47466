package dev.parlor.room.schema;

/**
 * A pause of the queue: no request starts before {@code until}, in milliseconds since 1970.
 *
 * @param by the identity that stopped a run while other requests waited
 */
public record Paused(String by, long at, long until) {}
