package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The sync protocol with one peer for one document: it handles the peer's messages and makes the
 * messages to the peer [SY1-SY11]. Used by the document's worker only; no I/O, no clock. The state
 * ends with the connection: a peer that joins again starts from the beginning [HS4].
 *
 * <h2>State of the peer</h2>
 *
 * The connection is a reliable ordered stream, so the peer will receive every sent change. The main
 * state is therefore a cursor into the log. The peer has, was sent, or will request every change
 * below the cursor. Above the cursor a bit set marks changes that the peer has already, mostly its
 * own. A message contains the log from the cursor on without the marked changes; afterwards the
 * cursor is at the end. Peers with equal cursors share one encoding. If there is nothing to send,
 * {@link #next} only makes a few comparisons.
 *
 * <h2>First contact</h2>
 *
 * If our graph has all heads of the peer, the set of changes that the peer lacks is exact.
 * Otherwise the peer has changes that we lack, and its Bloom filter tells which of our changes it
 * may have. A false positive withholds a change, and the peer then requests the change by hash.
 * While that is possible, we are in {@link Doubt} and answer with our own Bloom filter. Otherwise
 * our message states that the peer has all our changes after it. That needs no filter, and the peer
 * then sends exactly the changes that we lack [SY11].
 *
 * <h2>Termination</h2>
 *
 * Repetitions are bounded, so two peers never exchange messages forever, even if one of them
 * misbehaves. A request for the same changes is repeated at most twice. A requested change is sent
 * again at most once until the peer has our heads. Resets of the peer are served at most {@value
 * #RESETS_MAX} times.
 *
 * <h2>Reset</h2>
 *
 * If a message was lost, each side has a wrong state of the other. An Automerge peer does not send
 * a change twice, so both sides must be reset [SY12]: {@link #restarted} resets this side, and
 * {@link #RESET_MESSAGE} as the next message resets the peer. On a message without heads an
 * Automerge peer forgets which changes it has sent. It answers with its heads and a summary of all
 * its changes, as on first contact. A peer without changes does not answer that message. It answers
 * a message with heads, so our heads are sent next.
 *
 * <h2>Refused changes</h2>
 *
 * If a change of the peer was refused, the peer's heads keep depending on that change. Such heads
 * are never requested, and the peer is served as if it had not sent them. Its first filter tells
 * which of our changes it has. The peer requests a change that the filter withheld by mistake.
 */
public final class PeerSync {

  /** The first message of a reset: it has no heads, needs, summaries and changes. */
  public static final Bytes RESET_MESSAGE = Bytes.ofHex("4200000000");

  /** The maximum number of resets for a peer that reports lost data. */
  private static final int RESETS_MAX = 8;

  /** The maximum number of changes that are visited to check whether a doubt is settled. */
  private static final int COVER_VISITS_MAX = 1_024;

  /**
   * A peer gets the whole document if it lacks more changes than this and more than a third of all
   * changes.
   */
  private static final int UNSENT_FOR_WHOLE_DOCUMENT = 64;

  private final ChangeGraph graph;

  /** Whether a change of this peer was refused, or depends on a refused change. */
  private final Predicate<ChangeHash> isRefused;

  // The peer's last message.
  private boolean hasReceived;
  private boolean understandsBlobs;
  private boolean offersWholeDocument;
  private List<ChangeHash> peerHeads = List.of();

  /** The peer's heads that are missing in our graph, without refused heads. */
  private List<ChangeHash> unknownHeads = List.of();

  // The known state of the peer.
  private boolean peerStateIsKnown;
  private int cursor;
  private final PositionSet presentAtPeer = new PositionSet(0);
  private boolean peerIsEmpty;
  private int resets;

  /** Null while it is certain which of our changes the peer lacks. */
  private @Nullable Doubt doubt;

  /** Whether our last message omitted our summary; it must follow when the doubt is settled. */
  private boolean summaryIsDeferred;

  private final Resends resends = new Resends();

  // Our messages.
  private boolean messageIsDue;

  /** Whether our messages before the peer's first one have a summary of all our changes. */
  private boolean initiatesWithSummary;

  /** The size of our log when our last message was sent; -1 before the first message. */
  private int sentAtSize = -1;

  /** Whether unknown heads of the peer's last message were not requested yet. */
  private boolean headsNeedRequest;

  private final RequestedChanges requested = new RequestedChanges();

  /** Creates the state for a peer without refused changes. */
  public PeerSync(ChangeGraph graph) {
    this(graph, _ -> false);
  }

  /**
   * Creates the state for a peer.
   *
   * @param isRefused whether a change that is not in the graph was refused, or depends on a refused
   *     change
   */
  public PeerSync(ChangeGraph graph, Predicate<ChangeHash> isRefused) {
    this.graph = graph;
    this.isRefused = isRefused;
  }

  /** Lets {@link #next} return the first message of the dialogue, as a client does [SY1]. */
  public void initiate() {
    messageIsDue = true;
  }

  /**
   * As {@link #initiate}, with a summary of all our changes, as Automerge's clients send it. The
   * peer's first answer then brings the changes that we lack. If we have nothing or a long history,
   * the message says that we read type 43, so that whole documents travel as one chunk [SY3].
   */
  public void initiateWithSummary() {
    messageIsDue = true;
    initiatesWithSummary = true;
  }

  /**
   * Returns a new state for the same peer after the connection has lost a message [SY12]. It keeps
   * the peer's last heads, since their changes may still arrive [SY8].
   */
  public PeerSync restarted() {
    var fresh = new PeerSync(graph, isRefused);
    fresh.peerHeads = peerHeads;
    fresh.unknownHeads = unknownHeads;
    fresh.messageIsDue = peerHeads.isEmpty();
    return fresh;
  }

  /**
   * Handles a received message. The caller has already offered the message's changes to the graph.
   */
  public void received(SyncMessage message) {
    understandsBlobs |= message.understandsBlobs();
    offersWholeDocument = graph.isEmpty() && WholeDocumentOffer.isFor(message);
    if (message.changes().isEmpty()) {
      requested.messageWithoutChanges();
    }
    var isFirst = !hasReceived;
    hasReceived = true;
    messageIsDue |= isFirst;
    var previousPeerHeads = peerHeads;
    var heads = sortedDistinct(message.heads());
    peerHeads = heads.equals(graph.heads()) ? graph.heads() : heads;
    unknownHeads = unknownOf(peerHeads);
    headsNeedRequest = !unknownHeads.isEmpty();
    if (peerHeads.isEmpty()) {
      receivedNoHeads(isFirst || !previousPeerHeads.isEmpty());
    } else if (!peerStateIsKnown || cannotUseLastSync(message)) {
      computeUnsent(message);
    } else {
      graph.addAncestry(peerHeads, presentAtPeer);
    }
    settleDoubt();
    collectNeeds(message.need());
  }

  /**
   * The next message; empty if there is nothing to send [SY5]. A returned message counts as sent.
   *
   * @param waitingFor missing dependencies of waiting changes, to request from the peer [SY7]
   */
  public Optional<Bytes> next(SyncEncoder encoder, List<ChangeHash> waitingFor) {
    if (!hasReceived && !messageIsDue) {
      return Optional.empty();
    }
    var size = graph.size();
    var need = waitingFor;
    if (!waitingFor.isEmpty() || headsNeedRequest) {
      unknownHeads = unknownOf(unknownHeads);
      need = requested.next(unknownHeads, waitingFor);
    }
    headsNeedRequest = false;
    if (sentAtSize == size
        && !messageIsDue
        && resends.isEmpty()
        && need.isEmpty()
        && (!peerStateIsKnown || unsentCount() == 0)) {
      return Optional.empty();
    }
    var message = encode(encoder, need);
    if (size == 0 && offersWholeDocument) {
      message = WholeDocumentOffer.addTo(message);
    }
    if (peerStateIsKnown) {
      cursor = size;
      presentAtPeer.clear(size);
      peerIsEmpty = false;
    }
    resends.sent();
    messageIsDue = false;
    sentAtSize = size;
    return Optional.of(message);
  }

  /** Whether changes that were requested from the peer are still missing [SY8]. */
  public boolean hasUnansweredNeed() {
    return requested.anyMissing(graph);
  }

  /** The heads of the peer that are missing in our graph [SY8]. */
  public List<ChangeHash> missingHeads() {
    if (!unknownHeads.isEmpty()) {
      unknownHeads = unknownOf(unknownHeads);
    }
    return unknownHeads;
  }

  /** The last heads of the peer; empty before its first message. */
  public List<ChangeHash> peerHeads() {
    return peerHeads;
  }

  /** Whether the peer has sent a message yet. */
  public boolean hasReceived() {
    return hasReceived;
  }

  /** Whether the peer's last heads equal ours. */
  public boolean inSync() {
    return hasReceived && peerHeads.equals(graph.heads());
  }

  private void receivedNoHeads(boolean mayHaveLostData) {
    if (!peerStateIsKnown) {
      peerStateIsKnown = true;
      assumeEmptyPeer();
    } else if (cursor > 0 && (mayHaveLostData || resets < 1) && resets < RESETS_MAX) {
      resets++;
      messageIsDue = true;
      assumeEmptyPeer();
    }
  }

  private void assumeEmptyPeer() {
    cursor = 0;
    presentAtPeer.clear(0);
    peerIsEmpty = true;
    doubt = null;
    resends.allowAgain();
    requested.clear();
  }

  /** Whether the peer sent a blank summary: it does not have the changes of our last sync. */
  private boolean cannotUseLastSync(SyncMessage message) {
    if (message.have().isEmpty() || !message.have().getFirst().isBlank() || resets >= RESETS_MAX) {
      return false;
    }
    resets++;
    messageIsDue = true;
    return true;
  }

  /** Computes the changes that the peer lacks, if its message has enough information. */
  private void computeUnsent(SyncMessage message) {
    if (unknownHeads.isEmpty() && !hasRefusedHead()) {
      setUnsent(FirstContact.byHeads(graph, peerHeads));
      return;
    }
    var frontier = FirstContact.frontier(message);
    if (!message.have().isEmpty()) {
      var contact = FirstContact.byFilters(graph, frontier, message.have());
      setUnsent(contact);
      if (contact.isDoubtful() && !unknownHeads.isEmpty()) {
        doubt = new Doubt(frontier, graph.heads());
      }
    } else if (doubt == null && !unknownHeads.isEmpty()) {
      doubt = new Doubt(frontier, graph.heads());
    }
  }

  /** Sets the cursor and the bit set so that exactly the changes that the peer lacks are sent. */
  private void setUnsent(FirstContact contact) {
    peerStateIsKnown = true;
    doubt = null;
    var size = graph.size();
    var lacking = contact.lackingPositions();
    cursor = lacking.length == 0 ? size : lacking[0];
    presentAtPeer.clear(cursor);
    var next = 0;
    for (var position = cursor; position < size; position++) {
      if (next < lacking.length && lacking[next] == position) {
        next++;
      } else {
        presentAtPeer.add(position);
      }
    }
  }

  private void settleDoubt() {
    var isInSync = peerHeads.equals(graph.heads());
    if (isInSync) {
      resends.allowAgain();
    }
    if (isInSync || isDoubtSettled()) {
      doubt = null;
      messageIsDue |= summaryIsDeferred;
    }
  }

  /**
   * Whether the peer has all changes that we had when the doubt began. If a head of the peer was
   * refused, this cannot be checked and counts as true.
   */
  private boolean isDoubtSettled() {
    return peerStateIsKnown
        && doubt != null
        && unknownHeads.isEmpty()
        && (hasRefusedHead() || graph.covers(peerHeads, doubt.heads(), COVER_VISITS_MAX));
  }

  private void collectNeeds(List<ChangeHash> need) {
    for (var hash : need) {
      var position = graph.position(hash);
      if (peerStateIsKnown && position >= cursor) {
        presentAtPeer.remove(position);
      } else if (position >= 0) {
        resends.request(position);
      }
    }
  }

  /** The number of changes from the cursor on that the peer lacks. */
  private int unsentCount() {
    return graph.size() - cursor - presentAtPeer.count();
  }

  private Bytes encode(SyncEncoder encoder, List<ChangeHash> need) {
    var size = graph.size();
    var resent = resends.sorted();
    if (!hasReceived && initiatesWithSummary) {
      var message =
          encoder.single(need, encoder.haveFilter(List.of()), resent, size, presentAtPeer);
      return size == 0 || size >= WholeDocumentOffer.CHANGES_MIN
          ? WholeDocumentOffer.addTo(message)
          : message;
    }
    if (!peerStateIsKnown || doubt != null) {
      // The filter is large, so it is sent only together with a request for changes.
      var filter = doubt == null || need.isEmpty() ? null : doubt.have(encoder);
      summaryIsDeferred = filter == null;
      var have = filter == null ? encoder.haveNone() : filter;
      return encoder.single(need, have, resent, peerStateIsKnown ? cursor : size, presentAtPeer);
    }
    summaryIsDeferred = false;
    var unsent = unsentCount();
    if (!need.isEmpty() || resent.length > 0) {
      return encoder.single(need, encoder.haveHeads(), resent, cursor, presentAtPeer);
    }
    var lacksMuch = unsent > UNSENT_FOR_WHOLE_DOCUMENT && unsent > size / 3;
    if (understandsBlobs && (peerIsEmpty || lacksMuch)) {
      var wholeDocument = encoder.wholeDocument();
      if (wholeDocument.isPresent()) {
        return wholeDocument.get();
      }
    }
    if (unsent == 0) {
      return encoder.shared(size);
    }
    return presentAtPeer.count() == 0
        ? encoder.shared(cursor)
        : encoder.single(need, encoder.haveHeads(), resent, cursor, presentAtPeer);
  }

  private static List<ChangeHash> sortedDistinct(List<ChangeHash> hashes) {
    for (var i = 1; i < hashes.size(); i++) {
      if (hashes.get(i - 1).compareTo(hashes.get(i)) >= 0) {
        return hashes.stream().distinct().sorted().toList();
      }
    }
    return hashes;
  }

  /** Whether a head of the peer was refused. Call it only if no other head is missing here. */
  private boolean hasRefusedHead() {
    for (var head : peerHeads) {
      if (!graph.contains(head)) {
        return true;
      }
    }
    return false;
  }

  private List<ChangeHash> unknownOf(List<ChangeHash> hashes) {
    List<ChangeHash> unknown = List.of();
    for (var hash : hashes) {
      if (!graph.contains(hash) && !isRefused.test(hash)) {
        unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
        unknown.add(hash);
      }
    }
    return unknown.size() == hashes.size() ? hashes : unknown;
  }
}
