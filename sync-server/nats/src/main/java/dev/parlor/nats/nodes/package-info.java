/**
 * What nodes tell each other: {@link dev.parlor.nats.nodes.NatsNodes} is the bus for messages about
 * documents, {@code NatsMessages} has the messages about topics, and {@code Heartbeats} tells which
 * nodes are alive.
 *
 * <p>Each of the three has a connection of its own. Messages arrive on threads of the client
 * library, and receivers must not block them. Heartbeats are sent and read on virtual threads.
 *
 * <p>This package never imports {@code records}, {@code store}, {@code check} or {@code command}:
 * it delivers messages and does not know what they mean.
 */
@NullMarked
package dev.parlor.nats.nodes;

import org.jspecify.annotations.NullMarked;
