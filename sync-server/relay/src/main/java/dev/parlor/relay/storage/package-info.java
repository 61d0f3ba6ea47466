/**
 * Keeps changes and small records on disk: the port {@link dev.parlor.relay.storage.ChangeStore},
 * its implementation on MapDB, group commit and compaction. The tests have a second implementation,
 * {@code MemoryChangeStore}.
 *
 * <p>Change chunks and records come in from any thread. The commit thread of the store completes a
 * future for each commit. Callers pass the completion on to their own thread and never work on the
 * commit thread. This package knows no sockets or peers, and never imports {@code document} or
 * Automerge.
 */
@NullMarked
package dev.parlor.relay.storage;

import org.jspecify.annotations.NullMarked;
