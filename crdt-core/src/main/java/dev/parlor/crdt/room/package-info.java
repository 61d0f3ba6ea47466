/**
 * The room document and the rules on top of it, pure: neutral values come in and become a typed
 * view, commands become lists of edits, and the prompt, the turn and the lock are derived.
 *
 * <p>Schema and rules are in {@code docs/room.md}; rule ids in square brackets are defined there.
 * Everything is immutable or static and safe on any thread; clock and randomness are arguments.
 * Reading is total: whatever a peer wrote, there is a view, and {@code problems()} says what was
 * repaired. Never imports Automerge, sockets, threads, clocks or files.
 */
@NullMarked
package dev.parlor.crdt.room;

import org.jspecify.annotations.NullMarked;
