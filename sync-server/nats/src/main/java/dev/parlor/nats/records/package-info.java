/**
 * Records that are not in the log of a document: {@code NatsTables} has the tables, which each node
 * keeps in memory; {@code NatsRecordStore} has the records that change together, with {@code
 * BatchWriter} (atomic batches), {@code RecordIndex} (the records in memory) and {@code
 * LargeValues} (values above 4 KiB); {@code NatsBriefRecords} has records for a limited time.
 *
 * <p>Writes and reads of the cluster run on virtual threads, which block on the network. The client
 * library delivers the changes of other nodes on a thread of its own. Callbacks of futures run on
 * the virtual threads and must not block.
 *
 * <p>This package never imports {@code store}, {@code nodes}, {@code check} or {@code command}: it
 * knows no documents.
 */
@NullMarked
package dev.parlor.nats.records;

import org.jspecify.annotations.NullMarked;
