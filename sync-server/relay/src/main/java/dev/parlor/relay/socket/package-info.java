/**
 * The sync protocol on WebSockets: upgrades of {@code /sync...}, the handshake, decoding, refusals
 * and backpressure. {@link dev.parlor.relay.socket.transport} moves the frames; this package is the
 * same on both transports.
 *
 * <p>A {@link dev.parlor.relay.socket.Connection} runs on the thread of its socket. It decodes
 * messages and hands them to a document's handle. The documents' short steps run on the same thread
 * after all available input is read, so none of this code may block. Output is queued in the
 * socket's outbox, which sends it without blocking the thread that flushes it. Authentication runs
 * earlier, on Helidon's threads, and may block. This package never imports {@code storage}, {@code
 * http} or Automerge.
 */
@NullMarked
package dev.parlor.relay.socket;

import org.jspecify.annotations.NullMarked;
