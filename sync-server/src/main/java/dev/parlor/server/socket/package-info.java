/**
 * The WebSocket edge: upgrades, handshake, frames in, frames out. The only user of Helidon's
 * WebSocket.
 *
 * <p>In come frames on each connection's reader thread, which decodes them and hands messages to a
 * room's door; out go frames through one {@link dev.parlor.server.socket.Outbox} and its virtual
 * thread per socket. Nothing else ever writes to a socket while that thread lives. A single pulse
 * thread pings and reaps all sockets. Never imports {@code storage}, {@code http} or Automerge.
 */
@NullMarked
package dev.parlor.server.socket;

import org.jspecify.annotations.NullMarked;
