/**
 * What the person who runs the server can see: metrics, liveness and readiness, and log lines.
 *
 * <p>Counts and durations come in from any thread; text for a scraper, a report of named parts and
 * masked lines on the standard error go out. Nothing here decides anything, blocks, or knows rooms
 * and sockets: parts tell about themselves through suppliers. Whether the heap is full is said
 * here, on the runtime's own thread, and others act on it; the collection that decides it has a
 * thread ({@code heap-watch}). Imports nothing of Parlor's but {@code config}.
 */
@NullMarked
package dev.parlor.server.health;

import org.jspecify.annotations.NullMarked;
