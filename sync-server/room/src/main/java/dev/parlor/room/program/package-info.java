/**
 * The JSON sockets of rooms, for programs that take part without a CRDT. A {@code ProgramRoom}
 * follows a room on the room's thread and encodes each delta once for all sockets. Frames arrive on
 * the socket's thread, which never blocks; commands run on a virtual thread of the socket, one
 * after the other. Imports Helidon's headers only; never imports Automerge, documents or storage.
 */
@NullMarked
package dev.parlor.room.program;

import org.jspecify.annotations.NullMarked;
