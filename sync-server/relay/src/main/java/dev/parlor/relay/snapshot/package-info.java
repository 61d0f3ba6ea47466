/**
 * Snapshots by the Automerge bindings: a document's changes go in, one chunk comes out, and the
 * other way round. Each native call is recorded before it starts. A document that may have crashed
 * a process is expanded in a child process. Runs on loader threads and on the compaction thread;
 * calls block.
 *
 * <p>It is the only package of the relay that uses {@code crdt.replica}.
 */
@NullMarked
package dev.parlor.relay.snapshot;

import org.jspecify.annotations.NullMarked;
