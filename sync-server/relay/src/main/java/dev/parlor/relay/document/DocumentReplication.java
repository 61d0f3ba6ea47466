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
 * Replicates one document to other nodes: decides which messages to publish on the bus, and handles
 * those of the other nodes. Belongs to the document's worker; has no threads, clock or files. A
 * server without other nodes has none.
 *
 * <h2>Messages</h2>
 *
 * Messages are ordinary frames. Every sync message is complete in itself, so messages may be lost,
 * duplicated or reordered:
 *
 * <ul>
 *   <li>News: the changes that entered on this node, published once to all nodes. Changes from
 *       other nodes are not passed on.
 *   <li>A question, when changes are known to exist that are not here: heads of another node, or
 *       dependencies of waiting changes. All nodes that have some of them answer.
 *   <li>An announcement of the heads: when the document is opened, when the bus resumes, and
 *       periodically. A node that has more announces its heads in turn, and a node that has less
 *       asks.
 * </ul>
 *
 * Each answer and each question needs news or a pause in between, so that nodes do not exchange
 * them endlessly. A question is repeated only after growth, an announcement, or a pause that
 * doubles. Only a node that is behind is answered with an announcement.
 *
 * <p>The server's own changes are published only after their commit, to nodes as to peers. So
 * nothing is published while such a change is on its way to the disk.
 */
final class DocumentReplication {

  private static final PeerId ALL_NODES = new PeerId("*");

  private final DocumentId id;
  private final RelayServices services;
  private final Limits.Nodes limits;
  private final ChangeGraph graph;
  private final NodeBus.Channel channel;
  private final RemoteNodes remoteNodes = new RemoteNodes();

  /** Heads of other nodes that were not here when they came. */
  private final Set<ChangeHash> wanted = new LinkedHashSet<>();

  /** Questions of other nodes that the next {@link #settle} answers. */
  private final List<SyncMessage> questions = new ArrayList<>();

  /** Every change below this position was published, or was brought by other nodes. */
  private int publishedTo;

  /** The next {@link #settle} announces the heads, even if the period is not over. */
  private boolean announcing = true;

  private long announceAt;

  /** A message came that may have news, so a question need not wait for the pause. */
  private boolean mayAsk;

  /** The size of the graph at the last question; -1 when the next question need not wait. */
  private int askedAtSize = -1;

  private long askAgainAt;
  private long askPauseNanos;

  DocumentReplication(
      DocumentId id, RelayServices services, ChangeGraph graph, NodeBus.Channel channel, long now) {
    this.id = id;
    this.services = services;
    this.limits = services.limits().nodes();
    this.graph = graph;
    this.channel = channel;
    this.publishedTo = graph.size();
    this.remoteNodes.brought.clear(publishedTo);
    this.announceAt = now;
    this.askAgainAt = now;
  }

  /** The other nodes, for {@link ChangeAdmission}. */
  RemoteNodes source() {
    return remoteNodes;
  }

  /** Handles a message of another node after its changes were admitted. */
  void receive(SyncMessage message, boolean broughtChanges) {
    if (Repair.isQuestion(message)) {
      questions.add(message);
    }
    var unknown = false;
    for (var head : message.heads()) {
      if (!graph.contains(head)) {
        unknown = true;
        if (wanted.size() < FixedLimits.NODES_MISSING_HEADS_MAX) {
          wanted.add(head);
        }
      }
    }
    // A message without heads is a part of a larger one: the rest may bring the missing changes.
    mayAsk |= !message.heads().isEmpty();
    if (broughtChanges || Repair.isQuestion(message)) {
      return;
    }
    if (unknown) {
      askedAtSize = -1; // this is an announcement, and its sender may have missed the last question
    } else if (!message.heads().equals(graph.heads())) {
      announcing = true; // the other node is behind
    }
  }

  /** Whether an ephemeral message of another node is new [EP2]. */
  boolean isNew(WireMessage.Ephemeral message) {
    return remoteNodes.ephemeralCounts.recordIfNewer(message.sessionId(), message.count());
  }

  /** Messages from other nodes may have been lost. */
  void busResumed() {
    announcing = true;
    mayAsk = true;
    askedAtSize = -1;
  }

  /** Publishes an ephemeral message of a peer of this node. */
  void publishEphemeral(WireMessage.Ephemeral message) {
    channel.publish(WireCodec.encode(message));
  }

  /**
   * Publishes the messages that are due.
   *
   * @param missing the dependencies that waiting changes lack
   * @param silent whether a change of the server's own is on its way to the disk
   * @return nanoseconds until the next step is needed
   */
  long settle(List<ChangeHash> missing, boolean silent, long now) {
    if (silent) {
      return Long.MAX_VALUE; // the commit triggers the next step
    }
    publishNews();
    questions.forEach(question -> publishChanges(Repair.lacking(graph, question)));
    questions.clear();
    if (announcing || now - announceAt >= 0) {
      announcing = false;
      announceAt = now + TimeUnit.MILLISECONDS.toNanos(limits.announceMillis());
      publish(Repair.announcement(graph.heads()));
    }
    return Math.min(announceAt - now, ask(missing, now));
  }

  private void publishNews() {
    var size = graph.size();
    if (size == publishedTo) {
      return;
    }
    var from = publishedTo;
    var news =
        IntStream.range(from, size).filter(at -> !remoteNodes.brought.contains(at)).toArray();
    publishedTo = size;
    remoteNodes.brought.clear(size);
    publishChanges(news);
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

  private long ask(List<ChangeHash> missing, long now) {
    var may = mayAsk;
    mayAsk = false;
    if (wanted.isEmpty() && missing.isEmpty()) {
      return Long.MAX_VALUE;
    }
    wanted.removeIf(graph::contains);
    var need = new LinkedHashSet<>(wanted);
    need.addAll(missing);
    need.removeAll(remoteNodes.rejected());
    if (need.isEmpty()) {
      return Long.MAX_VALUE;
    }
    var grew = graph.size() != askedAtSize;
    if (grew) {
      askPauseNanos = TimeUnit.MILLISECONDS.toNanos(limits.requestRetryMillis());
    }
    if ((may && grew) || now - askAgainAt >= 0) {
      askedAtSize = graph.size();
      askAgainAt = now + askPauseNanos;
      askPauseNanos =
          Math.min(askPauseNanos * 2, TimeUnit.MILLISECONDS.toNanos(limits.announceMillis()));
      publish(Repair.question(graph, List.copyOf(need)));
    }
    return askAgainAt - now;
  }

  private void publish(Bytes sync) {
    channel.publish(WireCodec.encode(new WireMessage.Sync(services.server(), ALL_NODES, id, sync)));
  }
}
