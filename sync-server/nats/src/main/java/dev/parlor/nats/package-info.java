/**
 * A cluster on NATS JetStream: {@code NatsCluster} opens its parts together, for the port {@code
 * Cluster}. The packages, each of which uses only those above it:
 *
 * <ul>
 *   <li>{@link dev.parlor.nats.client}: the connection, requests to streams, names and limits.
 *   <li>{@link dev.parlor.nats.nodes}: messages between nodes, and which nodes are alive.
 *   <li>{@link dev.parlor.nats.records}: records outside documents, alone and in atomic batches.
 *   <li>{@link dev.parlor.nats.store}: documents and their tables.
 *   <li>{@link dev.parlor.nats.check}: checks of the servers, of the clock and of the storage.
 *   <li>{@link dev.parlor.nats.command}: the commands of {@code ./parlor cluster}.
 * </ul>
 *
 * <p>{@code client} is under all others; {@code nodes} and {@code records} do not use each other;
 * {@code store} uses {@code records}. This package uses all of them except {@code command}, and
 * none of them uses this package. The thread that starts the server opens and closes the cluster
 * here; it blocks on the network.
 *
 * <p>Only these packages import the client library {@code io.nats}. They never import {@code
 * dev.parlor.relay.document}, {@code socket} or {@code http}, the packages of rooms, or Automerge.
 */
@NullMarked
package dev.parlor.nats;

import org.jspecify.annotations.NullMarked;
