/**
 * Rooms as the server itself sees and edits them: one {@link dev.parlor.server.rooms.RoomWorker}
 * for each room in use owns a replica of its document, reads it as a typed view, writes the
 * server's edits and tells what happened as {@link dev.parlor.server.rooms.RoomEvents}.
 *
 * <p>In come changes from the relay and edits from {@code http} and {@code generation}, from any
 * thread; all work of one room runs in order in its mailbox, on platform threads of a small pool
 * (native calls would pin the carriers of virtual threads). Nothing here delays the relay. Never
 * imports {@code socket}, {@code http} or Automerge itself.
 */
@NullMarked
package dev.parlor.server.rooms;

import org.jspecify.annotations.NullMarked;
