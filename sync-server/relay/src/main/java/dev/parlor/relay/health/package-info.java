/**
 * The operator's view of the server: metrics, liveness and readiness, and log lines.
 *
 * <p>Input: counts and durations from any thread, and suppliers with which each part of the server
 * describes its condition. Output: the text for a metrics scraper, the health report, and masked
 * log lines on standard error. The package also reports whether the heap is nearly full; other
 * parts act on that. A full collection for this report runs on the thread {@code heap-watch}. Of
 * Parlor it imports only {@code config}.
 */
@NullMarked
package dev.parlor.relay.health;

import org.jspecify.annotations.NullMarked;
