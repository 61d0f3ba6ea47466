/**
 * Webhooks: an app's backend is told when documents that are not rooms change, are created, deleted
 * or restored. What was not told yet is in a table, so that it is told after a restart.
 *
 * <p>In a cluster each node delivers webhooks about the changes that it accepted. If a node is
 * gone, one of the present nodes takes over its webhooks.
 *
 * <p>Documents and deletions only enqueue here. A timer thread starts deliveries, and each delivery
 * runs on a virtual thread that blocks on HTTP. Never imports sockets, Helidon or Automerge.
 */
@NullMarked
package dev.parlor.relay.webhook;

import org.jspecify.annotations.NullMarked;
