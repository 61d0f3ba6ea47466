/**
 * Keeps changes and small records on disk: the port {@link dev.parlor.server.storage.ChangeStore},
 * its MapDB and its in-memory form, group commit and compaction.
 *
 * <p>In come change chunks and records from any thread; out go commits, told through futures that
 * the store's own commit thread completes. Callers hand completion over to their own thread and
 * never work on the commit thread. This package knows nothing of sockets, peers or rooms, and never
 * imports {@code relay} or Automerge.
 */
@NullMarked
package dev.parlor.server.storage;

import org.jspecify.annotations.NullMarked;
