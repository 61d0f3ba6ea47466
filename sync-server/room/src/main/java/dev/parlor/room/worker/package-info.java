/**
 * The server's own access to rooms. Each open room has one {@link
 * dev.parlor.room.worker.RoomWorker}. The worker owns a replica of the document, reads it as a
 * typed view, writes the server's edits, and publishes {@link dev.parlor.room.worker.RoomEvents}.
 *
 * <p>Changes come from the relay, edits from {@code http} and {@code generation}, on any thread.
 * All work of one room runs in order in its mailbox, on platform threads of a small pool, since
 * native calls would pin the carriers of virtual threads. Nothing here delays the relay. This
 * package never imports {@code socket}, {@code http} or Automerge itself.
 */
@NullMarked
package dev.parlor.room.worker;

import org.jspecify.annotations.NullMarked;
