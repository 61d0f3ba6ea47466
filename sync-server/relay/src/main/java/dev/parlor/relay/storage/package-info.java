/**
 * Keeps changes and small records on disk: the port {@link dev.parlor.relay.storage.ChangeStore},
 * its implementation on MapDB, group commit and compaction. The module {@code nats} has an
 * implementation for several nodes, and the tests have one in memory, {@code MemoryChangeStore}.
 *
 * <p>Any thread may write change chunks and records. The commit thread of the store completes a
 * future for each write, and callbacks run on that thread. So a callback must be short and must not
 * block; a document's short step is an example. This package knows no sockets or peers, and never
 * imports {@code document} or Automerge.
 */
@NullMarked
package dev.parlor.relay.storage;

import org.jspecify.annotations.NullMarked;
