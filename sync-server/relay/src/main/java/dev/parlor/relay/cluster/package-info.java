/**
 * The ports to a cluster: several nodes that serve the same documents from one store. A {@link
 * dev.parlor.relay.cluster.ClusterProvider} opens it. The module {@code nats} has the only
 * implementation; a process without that module, and a server on one machine, use none of this.
 *
 * <p>Implementations call listeners on threads of their own; listeners must only enqueue. This
 * package never imports {@code document}, {@code socket}, {@code http} or a client library of a
 * message broker.
 */
@NullMarked
package dev.parlor.relay.cluster;

import org.jspecify.annotations.NullMarked;
