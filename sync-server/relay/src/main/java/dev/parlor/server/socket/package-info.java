/**
 * The WebSocket layer: upgrades, frames in and out, handshake. Helidon handles the HTTP upgrade;
 * then this package takes over the channel.
 *
 * <p>A few platform threads ({@code sockets-<n>}, see {@link dev.parlor.server.socket.IoLoop})
 * serve all sockets. They read frames, decode messages and hand them to a document's handle, and
 * run the documents' short steps when all available input is read. Nothing on these threads may
 * block. Output is queued in one {@link dev.parlor.server.socket.Outbox} per socket; the thread
 * that flushes the outbox writes it, without blocking. Authentication runs earlier, on Helidon's
 * threads, and may block. This package never imports {@code storage}, {@code http} or Automerge.
 */
@NullMarked
package dev.parlor.server.socket;

import org.jspecify.annotations.NullMarked;
