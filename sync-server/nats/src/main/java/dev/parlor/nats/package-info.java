/**
 * The storage of documents and the bus between nodes on NATS JetStream: {@link
 * dev.parlor.nats.NatsChangeStore} implements the port {@code ChangeStore}, {@link
 * dev.parlor.nats.NatsNodes} the port {@code NodeBus}.
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
