/**
 * Decides which caller may make which change: limits of size, the permissions of the caller's role,
 * and, operation by operation, the places in a room's document where an identity may write.
 *
 * <p>Called by a document's worker; no clock, no files, no sockets. Never imports {@code relay},
 * {@code socket}, {@code storage} or Automerge.
 */
@NullMarked
package dev.parlor.server.admission;

import org.jspecify.annotations.NullMarked;
