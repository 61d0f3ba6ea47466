/**
 * Snapshots by the Automerge bindings: builds one chunk from a document's changes, and expands a
 * chunk into its changes. Each native call is marked before it starts. The snapshot of a document
 * that may have crashed a process is expanded in a child process. Runs on loader threads and on the
 * compaction thread; calls block.
 *
 * <p>It is the only package of the relay that uses {@code crdt.replica}.
 */
@NullMarked
package dev.parlor.relay.snapshot;

import org.jspecify.annotations.NullMarked;
