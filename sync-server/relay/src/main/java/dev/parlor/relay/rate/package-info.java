/**
 * The token bucket behind every rate limit: of a connection's messages and bytes, of ephemeral
 * messages, of HTTP requests. {@code RateLimiter} keeps a bucket for each address or identity.
 *
 * <p>It has no thread, and the caller passes the time or the clock. It uses no other package.
 */
@NullMarked
package dev.parlor.relay.rate;

import org.jspecify.annotations.NullMarked;
