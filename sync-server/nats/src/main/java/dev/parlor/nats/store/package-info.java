/**
 * The documents of a cluster: {@link dev.parlor.nats.store.NatsChangeStore} is the port to them.
 *
 * <ul>
 *   <li>Writing: {@code DocumentWrites} (the queue of each document), {@code LogEntry} and {@code
 *       EntryParts} (the stored form).
 *   <li>Reading: {@code DocumentReader} (a pointer, its object and the entries after it), {@code
 *       DocumentListing}.
 *   <li>Tables of documents: {@code DocumentRecords} (in the log), {@code OrderedTable} (beside
 *       it).
 *   <li>Compaction: {@code DocumentFolds} writes {@code StoredObjects} and replaces a {@code
 *       Pointer}.
 *   <li>Upkeep: {@code StoreUpkeep} repeats {@code LogTruncation} and {@code OrphanSweep}.
 * </ul>
 *
 * <p>Writes run on virtual threads, one for each document that has writes, which block on the
 * network. Callbacks of their futures run there and must not block. Loads block the thread of the
 * caller. The upkeep has two virtual threads.
 *
 * <p>This package never imports {@code nodes}, {@code check} or {@code command}.
 */
@NullMarked
package dev.parlor.nats.store;

import org.jspecify.annotations.NullMarked;
