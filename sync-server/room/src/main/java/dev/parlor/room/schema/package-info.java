/**
 * The room document and its rules, as pure functions. They turn neutral values into a typed view
 * and commands into lists of edits. They derive the prompt, the turn and the lock.
 *
 * <p>Schema and rules are in {@code docs/room.md}; rule ids in square brackets are defined there.
 * Everything is immutable or static and safe on any thread; clock and randomness are arguments.
 * Reading is total: every document gives a view, and {@code problems()} lists the repairs. This
 * package never imports Automerge, sockets, threads, clocks or files.
 */
@NullMarked
package dev.parlor.room.schema;

import org.jspecify.annotations.NullMarked;
