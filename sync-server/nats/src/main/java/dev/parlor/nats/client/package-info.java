/**
 * The connection to a cluster: {@code ClusterClient} sends requests to streams and repeats them,
 * {@code ClusterStreams} creates and lists the streams, {@code ClusterState} knows whether the
 * cluster answers. {@code ClusterNames} has the names of all streams and subjects, {@code
 * ClusterLimits} the limits.
 *
 * <p>Requests block the thread of the caller. The client library reports events of the connection
 * on threads of its own. A {@code PeriodicTask} has a virtual thread.
 *
 * <p>This package is under all others of the cluster and never imports one of them. It knows no
 * format of a stored entry or record.
 */
@NullMarked
package dev.parlor.nats.client;

import org.jspecify.annotations.NullMarked;
