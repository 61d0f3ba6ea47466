/**
 * Verifies JSON Web Tokens: signatures, dates, issuer and audience. The meaning of the other claims
 * is up to the callers. Called on threads that may block, because keys may be fetched from a URL.
 *
 * <p>Never imports {@code socket}, {@code document}, {@code storage} or Helidon.
 */
@NullMarked
package dev.parlor.relay.token;

import org.jspecify.annotations.NullMarked;
