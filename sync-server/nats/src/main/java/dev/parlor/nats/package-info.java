/**
 * A cluster on NATS JetStream. {@code NatsCluster} opens its parts together, for the port {@code
 * Cluster}:
 *
 * <ul>
 *   <li>Documents: {@link dev.parlor.nats.NatsChangeStore}, with {@code Document…} (the writes, the
 *       reads and the tables of one document), {@code Pointer} and {@code StoredObjects} (folded
 *       content), {@code LogTruncation} and {@code StoreUpkeep}.
 *   <li>Records: {@code NatsTables} (each node has them in memory), {@code NatsRecordStore}
 *       (records that change together), {@code NatsBriefRecords} (records for a limited time).
 *   <li>Nodes: {@link dev.parlor.nats.NatsNodes} (the bus), {@code NatsMessages}, {@code
 *       Heartbeats}.
 *   <li>The connection and its state: {@code ClusterClient}, {@code ClusterConnection}, {@code
 *       ClusterState}, {@code LogProbe}, {@code ClockCheck}.
 *   <li>The commands of {@code ./parlor cluster}: {@code Main}, {@code ClusterStreams}, {@code
 *       ClusterCheck}, {@code ClusterExport}, {@code ClusterImport}.
 * </ul>
 *
 * <p>Writes run on virtual threads, one for each document that has writes, which block on the
 * network. The client library delivers messages on threads of its own. Callbacks of futures run on
 * the virtual threads and must not block.
 *
 * <p>Only this package imports the client library {@code io.nats}. It never imports {@code
 * dev.parlor.relay.document}, {@code socket} or {@code http}, the packages of rooms, or Automerge.
 */
@NullMarked
package dev.parlor.nats;

import org.jspecify.annotations.NullMarked;
