package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The sync protocol with one peer about one document: it handles the peer's messages and decides on
 * the next message [SY1-SY11]. Used by the document's worker only; no I/O, no clock. Drop it with
 * the connection: a peer that joins again starts from the beginning [HS4].
 *
 * <h2>State of the peer</h2>
 *
 * The connection is a reliable ordered stream, so the peer will receive every sent change. The main
 * state is therefore a cursor into the log: the peer has, was sent, or will request every change
 * below it. Above the cursor a few bits mark changes that the peer has already, mostly its own. A
 * message contains the log from the cursor on without those; afterwards the cursor is at the end.
 * Peers with equal cursors share one encoding. A peer without news costs two comparisons.
 *
 * <h2>First contact</h2>
 *
 * If all heads of the peer are known here, the set of changes that it lacks is exact. Otherwise the
 * peer has further changes, and its Bloom filter tells which of ours it may have. A false positive
 * withholds a change, and the peer then requests it by hash. While that is possible, we are in
 * doubt and answer with our own Bloom filter. Otherwise our message states that the peer is at our
 * heads after it. That costs no filter, and the peer then sends exactly the changes that we lack
 * [SY11].
 *
 * <h2>Termination</h2>
 *
 * Repetitions are bounded. A need is repeated at most twice without progress. A requested change is
 * sent again at most once until the peer is at our heads. A peer that resets repeatedly is served
 * {@value #RESTARTS_MAX} times. So two peers never exchange messages forever, even if one of them
 * misbehaves.
 *
 * <h2>Reset</h2>
 *
 * If a message was lost, both sides have a wrong state of each other, and an Automerge peer does
 * not send a change again that it believes to have sent. {@link #afresh}, with {@link
 * #STARTING_OVER} as the first message, resets both sides [SY12]. On a message without heads an
 * Automerge peer forgets what it has sent. It answers with its heads and a summary of all its
 * changes, as on first contact. A peer without changes stays silent on that message, but answers a
 * message with heads, so it gets our heads next.
 *
 * <h2>Refused changes</h2>
 *
 * A peer keeps sending heads that depend on a change which was refused. Such heads are never
 * requested, and the peer is served as if it had not sent them. Its first filter tells which of our
 * changes it has; it requests a change that the filter withheld by mistake.
 */
public final class PeerSync {

  /** A message without heads, needs, summaries and changes: the first message of a reset. */
  public static final Bytes STARTING_OVER = Bytes.ofHex("4200000000");

  /** The most resets for a peer that claims to have lost its data. */
  private static final int RESTARTS_MAX = 8;

  /** The most changes visited to find out whether a doubt is over. */
  private static final int VISITS_MAX = 1_024;

  /**
   * From this many lacking changes on, a peer that lacks a third of the document gets the whole
   * document.
   */
  private static final int WHOLE_MIN = 64;

  private static final int[] NONE = {};

  private final ChangeGraph graph;

  /** Whether a change of this peer was refused, or depends on a refused one. */
  private final Predicate<ChangeHash> refused;

  // The peer's last message.
  private boolean contacted;
  private boolean understandsBlobs;
  private List<ChangeHash> theirHeads = List.of();
  private List<ChangeHash> unknownHeads = List.of();

  // The known state of the peer.
  private boolean established;
  private int cursor;
  private final PositionSet had = new PositionSet(0);
  private boolean hasNothing;
  private int restarts;

  /** Null while it is certain which of our changes the peer has. */
  private @Nullable Doubt doubt;

  // The last message left our summary out; one is due when the doubt is over.
  private boolean owesHave;

  // Changes requested by hash: to send, and sent.
  private int[] resend = NONE;
  private int resendCount;
  private final PositionSet resent = new PositionSet(0);

  // Our last message.
  private boolean answerDue;
  private int toldAtSize = -1;
  private boolean headsToAsk;
  private final RequestedChanges requested = new RequestedChanges();

  /** For a peer without refused changes. */
  public PeerSync(ChangeGraph graph) {
    this(graph, _ -> false);
  }

  /**
   * @param refused asked for changes that are not in the graph: whether they were refused, or
   *     follow a change that was, so that the peer's heads may stand on them for good
   */
  public PeerSync(ChangeGraph graph, Predicate<ChangeHash> refused) {
    this.graph = graph;
    this.refused = refused;
  }

  /** Makes the next message due before the peer has sent any; a server never does this [SY1]. */
  public void announce() {
    answerDue = true;
  }

  /**
   * A fresh state for the same peer, on a connection that may have lost a message [SY12]. The
   * peer's last heads are kept, since their changes may still arrive [SY8].
   */
  public PeerSync afresh() {
    var fresh = new PeerSync(graph, refused);
    fresh.theirHeads = theirHeads;
    fresh.unknownHeads = unknownHeads;
    fresh.answerDue = theirHeads.isEmpty();
    return fresh;
  }

  /**
   * Handles a received message. The caller has offered the message's changes to admission and graph
   * before.
   */
  public void received(SyncMessage message) {
    understandsBlobs |= message.understandsBlobs();
    if (message.changes().isEmpty()) {
      requested.peerAnswered();
    }
    var first = !contacted;
    contacted = true;
    answerDue |= first;
    var theirPreviousHeads = theirHeads;
    var heads = ascending(message.heads());
    theirHeads = heads.equals(graph.heads()) ? graph.heads() : heads;
    unknownHeads = unknown(theirHeads);
    headsToAsk = !unknownHeads.isEmpty();
    if (theirHeads.isEmpty()) {
      receivedNoHeads(first || !theirPreviousHeads.isEmpty());
    } else if (!established || lostTrack(message)) {
      contact(message);
    } else {
      graph.addAncestry(theirHeads, had);
    }
    settleDoubt();
    collectNeeds(message.need());
  }

  /**
   * The next message; empty if there is no news [SY5]. A returned message counts as sent.
   *
   * @param waitingFor missing dependencies of waiting changes: hashes to request from the peer
   *     [SY7]
   */
  public Optional<Bytes> next(SyncEncoder encoder, List<ChangeHash> waitingFor) {
    if (!contacted && !answerDue) {
      return Optional.empty();
    }
    var size = graph.size();
    var need = waitingFor;
    if (!waitingFor.isEmpty() || headsToAsk) {
      unknownHeads = unknown(unknownHeads);
      need = requested.next(unknownHeads, waitingFor);
    }
    headsToAsk = false;
    if (toldAtSize == size
        && !answerDue
        && resendCount == 0
        && need.isEmpty()
        && (!established || lacking() == 0)) {
      return Optional.empty();
    }
    var message = encode(encoder, need);
    if (established) {
      cursor = size;
      had.clear(size);
      hasNothing = false;
    }
    resend = NONE;
    resendCount = 0;
    answerDue = false;
    toldAtSize = size;
    return Optional.of(message);
  }

  /** Whether requested changes of the peer have not arrived yet [SY8]. */
  public boolean hasUnansweredNeed() {
    return requested.anyMissing(graph);
  }

  /** The heads of the peer that we do not have [SY8]. */
  public List<ChangeHash> missingHeads() {
    if (!unknownHeads.isEmpty()) {
      unknownHeads = unknown(unknownHeads);
    }
    return unknownHeads;
  }

  /** The last heads of the peer; empty before its first message. */
  public List<ChangeHash> theirHeads() {
    return theirHeads;
  }

  /** Whether the peer has sent a message yet. */
  public boolean contacted() {
    return contacted;
  }

  /** Whether the peer's last heads equal ours. */
  public boolean inSync() {
    return contacted && theirHeads.equals(graph.heads());
  }

  private void receivedNoHeads(boolean lost) {
    if (!established) {
      established = true;
      startOver();
    } else if (cursor > 0 && (lost || restarts < 1) && restarts < RESTARTS_MAX) {
      restarts++;
      answerDue = true;
      startOver();
    }
  }

  private void startOver() {
    cursor = 0;
    had.clear(0);
    hasNothing = true;
    doubt = null;
    resent.clear(0);
    requested.clear();
  }

  /** Whether the peer sent a blank summary, which means that it cannot use our last sync. */
  private boolean lostTrack(SyncMessage message) {
    if (message.have().isEmpty()
        || !message.have().getFirst().isBlank()
        || restarts >= RESTARTS_MAX) {
      return false;
    }
    restarts++;
    answerDue = true;
    return true;
  }

  /** Computes the changes that the peer lacks, if its message allows that. */
  private void contact(SyncMessage message) {
    if (unknownHeads.isEmpty() && !standsOnRefused()) {
      meet(FirstContact.byHeads(graph, theirHeads));
      return;
    }
    var frontier = FirstContact.frontier(message);
    if (!message.have().isEmpty()) {
      var contact = FirstContact.byFilters(graph, frontier, message.have());
      meet(contact);
      if (contact.doubtful() && !unknownHeads.isEmpty()) {
        doubt = new Doubt(frontier, graph.heads());
      }
    } else if (doubt == null && !unknownHeads.isEmpty()) {
      doubt = new Doubt(frontier, graph.heads());
    }
  }

  /** Sets cursor and bits so that exactly what the peer lacks is sent. */
  private void meet(FirstContact contact) {
    established = true;
    doubt = null;
    var size = graph.size();
    var lacking = contact.lacking();
    cursor = lacking.length == 0 ? size : lacking[0];
    had.clear(cursor);
    var next = 0;
    for (var position = cursor; position < size; position++) {
      if (next < lacking.length && lacking[next] == position) {
        next++;
      } else {
        had.add(position);
      }
    }
  }

  private void settleDoubt() {
    var over =
        established
            && doubt != null
            && unknownHeads.isEmpty()
            && (standsOnRefused() || graph.covers(theirHeads, doubt.heads(), VISITS_MAX));
    if (theirHeads.equals(graph.heads())) {
      resent.clear(0);
      over = true;
    }
    if (over) {
      doubt = null;
      answerDue |= owesHave;
    }
  }

  private void collectNeeds(List<ChangeHash> need) {
    for (var hash : need) {
      var position = graph.position(hash);
      if (established && position >= cursor) {
        had.remove(position);
      } else if (position >= 0 && resent.add(position)) {
        if (resendCount == resend.length) {
          resend = Arrays.copyOf(resend, Math.max(8, resendCount * 2));
        }
        resend[resendCount++] = position;
      }
    }
  }

  /** The number of changes to send from the cursor on. */
  private int lacking() {
    return graph.size() - cursor - had.count();
  }

  private Bytes encode(SyncEncoder encoder, List<ChangeHash> need) {
    var size = graph.size();
    var chosen = Arrays.copyOf(resend, resendCount);
    Arrays.sort(chosen);
    if (!established || doubt != null) {
      // The filter is large, so it is sent with a need only, and is made once.
      owesHave = need.isEmpty() || doubt == null;
      var have = owesHave || doubt == null ? encoder.haveUnsaid() : doubt.have(encoder);
      return encoder.single(need, have, chosen, established ? cursor : size, had);
    }
    owesHave = false;
    var lacking = lacking();
    if (!need.isEmpty() || chosen.length > 0) {
      return encoder.single(need, encoder.haveHeads(), chosen, cursor, had);
    }
    if (understandsBlobs && (hasNothing || (lacking > WHOLE_MIN && lacking > size / 3))) {
      var whole = encoder.wholeDocument();
      if (whole.isPresent()) {
        return whole.get();
      }
    }
    if (lacking == 0) {
      return encoder.shared(size);
    }
    return had.count() == 0
        ? encoder.shared(cursor)
        : encoder.single(need, encoder.haveHeads(), chosen, cursor, had);
  }

  private static List<ChangeHash> ascending(List<ChangeHash> hashes) {
    for (var i = 1; i < hashes.size(); i++) {
      if (hashes.get(i - 1).compareTo(hashes.get(i)) >= 0) {
        return hashes.stream().distinct().sorted().toList();
      }
    }
    return hashes;
  }

  /** Whether one of the peer's heads is refused; called when no other head is missing here. */
  private boolean standsOnRefused() {
    for (var head : theirHeads) {
      if (!graph.contains(head)) {
        return true;
      }
    }
    return false;
  }

  private List<ChangeHash> unknown(List<ChangeHash> hashes) {
    List<ChangeHash> unknown = List.of();
    for (var hash : hashes) {
      if (!graph.contains(hash) && !refused.test(hash)) {
        unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
        unknown.add(hash);
      }
    }
    return unknown.size() == hashes.size() ? hashes : unknown;
  }
}
