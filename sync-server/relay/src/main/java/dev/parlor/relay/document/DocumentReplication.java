package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.sync.Repair;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.nodes.NodeBus;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Replicates one document to other nodes: publishes messages on the bus, and handles the messages
 * of the other nodes. Belongs to the document's worker; has no threads, clock or files. A server
 * without other nodes creates no object of this class.
 *
 * <h2>Messages</h2>
 *
 * The messages have the format of messages between peers. Each one is complete in itself, so it may
 * be lost, duplicated or reordered:
 *
 * <ul>
 *   <li>New changes: the changes of this node's peers and of the server itself, published once to
 *       all nodes. Changes received from other nodes are not published again.
 *   <li>A request ({@link Repair}): published when this document lacks announced heads of another
 *       node, or dependencies of waiting changes. All nodes that have requested changes reply with
 *       them.
 *   <li>An announcement of the heads: published when the document is opened, when the bus resumes,
 *       and periodically. A node that has more changes announces its heads too, and a node that has
 *       fewer changes sends a request.
 * </ul>
 *
 * A request is repeated only after new changes, after an announcement, or after a pause that
 * doubles. An announcement is answered with another announcement only if its sender lacks changes.
 * So nodes do not send each other messages endlessly.
 *
 * <p>While a change of the server's own is not committed, nothing is published. Other nodes, like
 * peers, may receive such a change only after its commit.
 */
final class DocumentReplication {

  private static final PeerId ALL_NODES = new PeerId("*");

  private final DocumentId id;
  private final RelayServices services;
  private final Limits.Nodes limits;
  private final ChangeGraph graph;
  private final NodeBus.Channel channel;
  private final RemoteNodes remoteNodes = new RemoteNodes();

  /** Heads announced by other nodes that this document lacked at that time. */
  private final Set<ChangeHash> missingHeads = new LinkedHashSet<>();

  /** Requests of other nodes to which the next {@link #settle} replies. */
  private final List<SyncMessage> requests = new ArrayList<>();

  /** Every change below this position was published here, or was received from other nodes. */
  private int publishedTo;

  /** Whether the next {@link #settle} announces the heads before the period is over. */
  private boolean announceNow = true;

  /** The time of the next periodic announcement. */
  private long announceAt;

  /** Whether a message was received that justifies a request before the pause is over. */
  private boolean mayRequestNow;

  /** The size of the graph at the last request; -1 if the next request need not wait. */
  private int sizeAtRequest = -1;

  private long requestAgainAt;
  private long requestPauseNanos;

  DocumentReplication(
      DocumentId id, RelayServices services, ChangeGraph graph, NodeBus.Channel channel, long now) {
    this.id = id;
    this.services = services;
    this.limits = services.limits().nodes();
    this.graph = graph;
    this.channel = channel;
    this.publishedTo = graph.size();
    this.remoteNodes.receivedPositions.clear(publishedTo);
    this.announceAt = now;
    this.requestAgainAt = now;
  }

  /** The other nodes, for {@link ChangeAdmission}. */
  RemoteNodes source() {
    return remoteNodes;
  }

  /** Handles the rest of another node's message after its changes were offered to admission. */
  void receive(SyncMessage message, boolean hadChanges) {
    if (Repair.isRequest(message)) {
      requests.add(message);
    }
    var lacksHeads = false;
    for (var head : message.heads()) {
      if (!graph.contains(head)) {
        lacksHeads = true;
        if (missingHeads.size() < FixedLimits.NODES_MISSING_HEADS_MAX) {
          missingHeads.add(head);
        }
      }
    }
    // A message without heads is a part of a larger set of changes: wait for the other parts.
    mayRequestNow |= !message.heads().isEmpty();
    if (hadChanges || Repair.isRequest(message)) {
      return;
    }
    if (lacksHeads) {
      sizeAtRequest = -1; // the sender of this announcement may have missed the last request
    } else if (!message.heads().equals(graph.heads())) {
      announceNow = true; // the other node lacks changes
    }
  }

  /** Whether an ephemeral message of another node is new [EP2]. */
  boolean isNew(WireMessage.Ephemeral message) {
    return remoteNodes.ephemeralCounts.recordIfNewer(message.sessionId(), message.count());
  }

  /** Handles the end of a bus failure, in which messages may have been lost. */
  void busResumed() {
    announceNow = true;
    mayRequestNow = true;
    sizeAtRequest = -1;
  }

  /** Publishes an ephemeral message of a peer of this node. */
  void publishEphemeral(WireMessage.Ephemeral message) {
    channel.publish(WireCodec.encode(message));
  }

  /**
   * Publishes the messages that are due.
   *
   * @param missing the dependencies that waiting changes lack
   * @param ownChangesUncommitted whether some of the server's own changes are not committed
   * @return nanoseconds until the next step is needed
   */
  long settle(List<ChangeHash> missing, boolean ownChangesUncommitted, long now) {
    if (ownChangesUncommitted) {
      return Long.MAX_VALUE; // the commit triggers the next step
    }
    publishNewChanges();
    requests.forEach(request -> publishChanges(Repair.changesToSend(graph, request)));
    requests.clear();
    if (announceNow || now - announceAt >= 0) {
      announceNow = false;
      announceAt = now + TimeUnit.MILLISECONDS.toNanos(limits.announceMillis());
      publish(Repair.announcement(graph.heads()));
    }
    return Math.min(announceAt - now, request(missing, now));
  }

  private void publishNewChanges() {
    var size = graph.size();
    if (size == publishedTo) {
      return;
    }
    var from = publishedTo;
    var newChanges =
        IntStream.range(from, size)
            .filter(at -> !remoteNodes.receivedPositions.contains(at))
            .toArray();
    publishedTo = size;
    remoteNodes.receivedPositions.clear(size);
    publishChanges(newChanges);
  }

  private void publishChanges(int[] positions) {
    if (positions.length == 0) {
      return;
    }
    var part = new ArrayList<Bytes>();
    var bytes = 0L;
    for (var position : positions) {
      var chunk = graph.chunkAt(position);
      if (!part.isEmpty() && bytes + chunk.length() > limits.messageBytesMax()) {
        publish(Repair.changes(List.of(), part));
        part.clear();
        bytes = 0;
      }
      part.add(chunk);
      bytes += chunk.length();
    }
    publish(Repair.changes(graph.heads(), part));
  }

  private long request(List<ChangeHash> missing, long now) {
    var requestNow = mayRequestNow;
    mayRequestNow = false;
    if (missingHeads.isEmpty() && missing.isEmpty()) {
      return Long.MAX_VALUE;
    }
    missingHeads.removeIf(graph::contains);
    var need = new LinkedHashSet<>(missingHeads);
    need.addAll(missing);
    need.removeAll(remoteNodes.rejected());
    if (need.isEmpty()) {
      return Long.MAX_VALUE;
    }
    var hasGrown = graph.size() != sizeAtRequest;
    if (hasGrown) {
      requestPauseNanos = TimeUnit.MILLISECONDS.toNanos(limits.requestRetryMillis());
    }
    if ((requestNow && hasGrown) || now - requestAgainAt >= 0) {
      sizeAtRequest = graph.size();
      requestAgainAt = now + requestPauseNanos;
      requestPauseNanos =
          Math.min(requestPauseNanos * 2, TimeUnit.MILLISECONDS.toNanos(limits.announceMillis()));
      publish(Repair.request(graph, List.copyOf(need)));
    }
    return requestAgainAt - now;
  }

  private void publish(Bytes sync) {
    channel.publish(WireCodec.encode(new WireMessage.Sync(services.server(), ALL_NODES, id, sync)));
  }
}
