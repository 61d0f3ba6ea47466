/**
 * The transport of WebSockets (RFC 6455), without any knowledge of the protocol on top. A protocol
 * implements {@link dev.parlor.relay.socket.transport.WebSocketHandler} and gets one {@link
 * dev.parlor.relay.socket.transport.WebSocket} for each connection; a path is added with a {@link
 * dev.parlor.relay.socket.transport.WebSocketEndpoint}.
 *
 * <p>Frames, the closing handshake and liveness are in {@code WebSocket} and are the same on both
 * transports. A transport moves bytes and runs the tasks of a socket one after another:
 *
 * <ul>
 *   <li>{@link dev.parlor.relay.socket.transport.LoopServer}: a few platform threads ({@code
 *       sockets-<n>}) serve all sockets without blocking. Any thread that flushes an outbox writes
 *       to the socket, without blocking. Plain TCP only. It takes the channel away from Helidon,
 *       for which Helidon has no API ({@link dev.parlor.relay.socket.transport.HelidonChannel}).
 *   <li>{@link dev.parlor.relay.socket.transport.HelidonServer}: Helidon's virtual thread of a
 *       connection reads it and blocks while it has no input. It also runs the documents' steps
 *       that its messages cause, before it waits for more input. A step is short and never blocks
 *       on a socket, so it does not hold up other virtual threads. A thread that flushes an outbox
 *       never writes: it starts a virtual thread for the socket, which blocks if the client reads
 *       slowly and ends when the outbox is empty. Public API only, with or without TLS.
 * </ul>
 *
 * <p>A socket's tasks run on the loop's thread, or on virtual threads under the socket's lock; the
 * Javadoc calls both <i>the socket's thread</i>. Documents keep one writer because their mailbox
 * lets one thread at a time run a step, whichever thread that is.
 */
@NullMarked
package dev.parlor.relay.socket.transport;

import org.jspecify.annotations.NullMarked;
