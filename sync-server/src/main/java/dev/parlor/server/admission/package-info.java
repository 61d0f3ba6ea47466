/**
 * Decides who may change what: limits of size, what a caller's role allows, and who writes where in
 * a room's document, operation by operation.
 *
 * <p>Called on a room's thread; no clock, no files, no sockets. Never imports {@code relay}, {@code
 * socket}, {@code storage} or Automerge.
 */
@NullMarked
package dev.parlor.server.admission;

import org.jspecify.annotations.NullMarked;
