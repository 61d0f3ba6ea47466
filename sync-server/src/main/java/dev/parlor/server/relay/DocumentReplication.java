package dev.parlor.server.relay;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.sync.Repair;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.config.Limits;
import dev.parlor.server.nodes.NodeBus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * What one room says to the same document's rooms on other nodes, and what it makes of their words.
 * Belongs to the room's writer; no threads, no clock, no files. A server that is alone has none.
 *
 * <h2>What is said</h2>
 *
 * Ordinary frames, in which every sync message stands alone, so that they may be lost, come twice
 * or in any order:
 *
 * <ul>
 *   <li>News: what entered here, to everybody, once. What other nodes brought is not passed on.
 *   <li>A question, when changes are known to exist that are not here: another's heads, or what
 *       waiting changes depend on. All who have some of it answer.
 *   <li>An announcement of the heads: at the opening, when the bus resumes, and now and then. Who
 *       knows more announces in turn, who knows less asks.
 * </ul>
 *
 * Each answer and each question needs something new in between, or time, so that nobody talks in
 * circles: a question is asked again only after growth, an announcement or a pause that doubles,
 * and only those who are behind are answered with an announcement.
 *
 * <p>What the server itself wrote is told after the commit only, as to peers; so while a change of
 * its own is on the way to the disk nothing is said.
 */
final class DocumentReplication {

  private static final PeerId EVERYBODY = new PeerId("*");

  private final DocumentId id;
  private final RelayServices context;
  private final Limits.Nodes limits;
  private final ChangeGraph graph;
  private final NodeBus.Line line;
  private final RemoteNodesPeer others = new RemoteNodesPeer();
  private final PeerSession attachment;

  private final Set<ChangeHash> wanted = new LinkedHashSet<>();
  private final Set<ChangeHash> rejected = new HashSet<>();
  private final List<SyncMessage> questions = new ArrayList<>();

  /** Everything below is told, or was brought by others. */
  private int toldTo;

  private boolean announcing = true;
  private long announceAt;
  private boolean mayAsk;
  private int askedAtSize = -1;
  private long askAgainAt;
  private long askPauseNanos;

  DocumentReplication(
      DocumentId id, RelayServices context, ChangeGraph graph, NodeBus.Line line, long now) {
    this.id = id;
    this.context = context;
    this.limits = context.limits().nodes();
    this.graph = graph;
    this.line = line;
    this.attachment = new PeerSession(others, graph, FixedLimits.NODES_SESSIONS_MAX);
    this.toldTo = graph.size();
    this.others.brought.clear(toldTo);
    this.announceAt = now;
    this.askAgainAt = now;
  }

  /** The other nodes as {@link ChangeAdmission} sees them. */
  PeerSession attachment() {
    return attachment;
  }

  boolean are(PeerSession one) {
    return one == attachment;
  }

  /** A change that another node admitted does not fit here; it is not asked for again. */
  void rejected(ChangeHash change) {
    if (rejected.size() < FixedLimits.NODES_REFUSED_MAX) {
      rejected.add(change);
    }
  }

  /** A message of another node, whose changes were taken in before. */
  void heard(SyncMessage message, boolean broughtChanges) {
    if (Repair.isQuestion(message)) {
      questions.add(message);
    }
    var unknown = false;
    for (var head : message.heads()) {
      if (!graph.contains(head)) {
        unknown = true;
        if (wanted.size() < FixedLimits.NODES_WANTED_MAX) {
          wanted.add(head);
        }
      }
    }
    // A message without heads is a part of one: what it leaves open may come with the rest.
    mayAsk |= !message.heads().isEmpty();
    if (broughtChanges || Repair.isQuestion(message)) {
      return;
    }
    if (unknown) {
      askedAtSize = -1; // an announcement: whoever made it may not have heard the last question
    } else if (!message.heads().equals(graph.heads())) {
      announcing = true; // the other is behind
    }
  }

  /** Whether an ephemeral message of another node is new [EP2]. */
  boolean isNew(WireMessage.Ephemeral message) {
    return attachment.counts(message.sessionId(), message.count());
  }

  void resumed() {
    announcing = true;
    mayAsk = true;
    askedAtSize = -1;
  }

  /** Passes on what somebody here said. */
  void say(WireMessage.Ephemeral message) {
    line.publish(WireCodec.encode(message));
  }

  /**
   * Says what is to be said.
   *
   * @param missing what waiting changes depend on
   * @param silent a change of the server's own is on the way to the disk
   * @return for how many nanoseconds nothing need be done
   */
  long settle(List<ChangeHash> missing, boolean silent, long now) {
    if (silent) {
      return Long.MAX_VALUE; // the commit brings the next step
    }
    tellNews();
    questions.forEach(question -> tell(Repair.lacking(graph, question)));
    questions.clear();
    if (announcing || now - announceAt >= 0) {
      announcing = false;
      announceAt = now + TimeUnit.MILLISECONDS.toNanos(limits.announceMillis());
      publish(Repair.announcement(graph.heads()));
    }
    return Math.min(announceAt - now, ask(missing, now));
  }

  private void tellNews() {
    var size = graph.size();
    if (size == toldTo) {
      return;
    }
    var from = toldTo;
    var news = IntStream.range(from, size).filter(at -> !others.brought.contains(at)).toArray();
    toldTo = size;
    others.brought.clear(size);
    tell(news);
  }

  private void tell(int[] positions) {
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
    need.removeAll(rejected);
    if (need.isEmpty()) {
      return Long.MAX_VALUE;
    }
    var grew = graph.size() != askedAtSize;
    if (grew) {
      askPauseNanos = TimeUnit.MILLISECONDS.toNanos(limits.askMillis());
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
    line.publish(WireCodec.encode(new WireMessage.Sync(context.server(), EVERYBODY, id, sync)));
  }
}
