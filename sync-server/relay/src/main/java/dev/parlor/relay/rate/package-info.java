/**
 * The token bucket behind every rate limit: of a connection's messages and bytes, of ephemeral
 * messages, of HTTP requests.
 *
 * <p>It has no clock and no thread: the caller passes the time. It uses no other package.
 */
@NullMarked
package dev.parlor.relay.rate;

import org.jspecify.annotations.NullMarked;
