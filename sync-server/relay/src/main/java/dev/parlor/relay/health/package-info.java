/**
 * The operator's view of the server: metrics, liveness and readiness, and log lines.
 *
 * <p>Counts and durations come in from any thread. Text for a scraper, a report of named parts, and
 * masked lines on standard error go out. This package makes no decisions, never blocks, and knows
 * no documents or sockets: parts describe themselves through suppliers. It also reports whether the
 * heap is full; other parts act on that. The full collection that decides it runs on the thread
 * {@code heap-watch}. Of Parlor it imports only {@code config}.
 */
@NullMarked
package dev.parlor.relay.health;

import org.jspecify.annotations.NullMarked;
