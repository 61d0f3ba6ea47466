/**
 * What nodes tell each other: {@link dev.parlor.nats.nodes.NatsNodes} is the bus for messages about
 * documents, {@code NatsMessages} has the messages about topics, and {@code Heartbeats} tells which
 * nodes are alive.
 *
 * <p>Each of the three has a connection of its own, and the client library delivers what arrives.
 * The bus delivers on one thread, which receivers must not block. Each listener of a topic has a
 * thread of its own. One virtual thread publishes heartbeats and one judges the other nodes.
 *
 * <p>This package never imports {@code records}, {@code store}, {@code check} or {@code command}:
 * it delivers messages and does not know what they mean.
 */
@NullMarked
package dev.parlor.nats.nodes;

import org.jspecify.annotations.NullMarked;
