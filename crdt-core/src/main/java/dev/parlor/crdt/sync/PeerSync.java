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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sync protocol with one peer about one document: digests what the peer says and decides what
 * to say next [SY1-SY11]. Belongs to the room's writer; no I/O, no clock. Drop it with the
 * connection: a peer that joins again starts over [HS4].
 *
 * <h2>What we remember of the peer</h2>
 *
 * The connection is a reliable ordered stream, so what was sent will be had. Hence a cursor into
 * the log is nearly all: every change below it the peer has, or was sent, or will ask for. Above
 * the cursor a few bits say which changes the peer has already, mostly its own. A message is the
 * log from the cursor on without those; afterwards the cursor stands at the end. Peers with equal
 * cursors share one encoding, and a peer with nothing to be told costs two comparisons.
 *
 * <h2>First contact</h2>
 *
 * If we know all heads that the peer tells, what it lacks is exact. If we do not, it has changes
 * that we lack, and its Bloom filter says which of ours it may have; a false positive withholds a
 * change, which the peer then asks for by hash. While that is possible we are in doubt and answer
 * with a Bloom filter of our own; otherwise we claim that the peer is at our heads after our
 * message, which costs nothing and makes it send exactly what we lack [SY11].
 *
 * <h2>Ends</h2>
 *
 * Nothing is said twice for its own sake: a need is repeated twice at most without progress, a
 * change that was asked for is sent once more at most until the peer is at our heads, and a peer
 * that starts over again and again is served {@value #RESTARTS_MAX} times. So two machines never
 * talk in circles, whatever one of them does.
 *
 * <h2>Starting over</h2>
 *
 * When the stream was not reliable after all, and a message was lost, what both sides remember of
 * each other is wrong, and an Automerge peer does not send again what it believes to have sent.
 * {@link #afresh} and {@link #STARTING_OVER}, sent before anything else, begin anew on both sides
 * [SY12]: to a message that tells no heads an Automerge peer forgets what it has sent, and answers
 * with its heads and a summary of all it has, as on first contact. One that has nothing itself sees
 * no difference in that and stays silent, but not when it hears of heads, so these are told to it.
 *
 * <h2>Refused changes</h2>
 *
 * A peer goes on telling heads that stand on a change which was refused. Such heads are never asked
 * for, and the peer is served as if it had not told them: its filter, made once, says which of our
 * changes it has, and what that withholds wrongly the peer asks for.
 */
public final class PeerSync {

  /** A message that tells, asks for and brings nothing: the first word when we start over. */
  public static final Bytes STARTING_OVER = Bytes.ofHex("4200000000");

  /** A peer that claims more often to have lost its data gets no more restarts. */
  private static final int RESTARTS_MAX = 8;

  /** How often the same need is sent while nothing of it comes. */
  private static final int ASKS_MAX = 3;

  /** How many changes are looked at to find out whether a doubt is over. */
  private static final int VISITS_MAX = 1_024;

  /** How many hashes one message asks for. */
  private static final int NEED_MAX = 1_024;

  /** From so many lacking changes on, a third of the document or more is sent as a whole. */
  private static final int WHOLE_MIN = 64;

  private static final int[] NONE = {};

  private final ChangeGraph graph;

  /** Changes of this peer that were refused, or follow such a change; none of them ever comes. */
  private final Predicate<ChangeHash> refused;

  // What the peer said.
  private boolean contacted;
  private boolean understandsBlobs;
  private List<ChangeHash> theirHeads = List.of();
  private List<ChangeHash> unknownHeads = List.of();

  // What the peer has, as far as we know.
  private boolean established;
  private int cursor;
  private final PositionSet had = new PositionSet(0);
  private boolean hasNothing;
  private int restarts;

  // Doubt: where the peer's filter began, our heads then, and our own summary once it is made.
  private @Nullable List<ChangeHash> doubtFrom;
  private List<ChangeHash> doubtHeads = List.of();
  private @Nullable Bytes doubtHave;

  // The last message left our summary out; one is due when the doubt is over.
  private boolean owesHave;

  // What was asked for by hash, to send and sent.
  private int[] resend = NONE;
  private int resendCount;
  private final PositionSet resent = new PositionSet(0);

  // What we said.
  private boolean answerDue;
  private int toldAtSize = -1;
  private List<ChangeHash> asked = List.of();
  private int asks;
  private boolean heardSinceAsking = true;
  private boolean headsToAsk;

  /** With a peer of whose changes none is refused. */
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

  /**
   * Makes the next message due although the peer has said nothing yet; a server never does [SY1].
   */
  public void announce() {
    answerDue = true;
  }

  /**
   * A new beginning with the same peer, on a connection that may have lost something [SY12]. What
   * it told last stays known: it may still come [SY8].
   */
  public PeerSync afresh() {
    var fresh = new PeerSync(graph, refused);
    fresh.theirHeads = theirHeads;
    fresh.unknownHeads = unknownHeads;
    fresh.answerDue = theirHeads.isEmpty();
    return fresh;
  }

  /**
   * Digests a received message. The caller has offered the message's changes to admission and graph
   * before.
   */
  public void received(SyncMessage message) {
    understandsBlobs |= message.understandsBlobs();
    heardSinceAsking |= message.changes().isEmpty();
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
   * The next message, or empty when there is nothing new to say [SY5]. A message that is returned
   * counts as sent.
   *
   * @param waitingFor dependencies that changes in waiting lack: hashes to ask the peer for [SY7]
   */
  public Optional<Bytes> next(SyncEncoder encoder, List<ChangeHash> waitingFor) {
    if (!contacted && !answerDue) {
      return Optional.empty();
    }
    var size = graph.size();
    var need = waitingFor.isEmpty() && !headsToAsk ? waitingFor : toAsk(waitingFor);
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

  /** Whether the peer was asked for changes that have not come yet [SY8]. */
  public boolean hasUnansweredNeed() {
    return !asked.isEmpty() && asked.stream().anyMatch(hash -> !graph.contains(hash));
  }

  /** The heads that the peer told and that we do not have [SY8]. */
  public List<ChangeHash> missingHeads() {
    if (!unknownHeads.isEmpty()) {
      unknownHeads = unknown(unknownHeads);
    }
    return unknownHeads;
  }

  /** The heads that the peer told last; empty before it said anything. */
  public List<ChangeHash> theirHeads() {
    return theirHeads;
  }

  /** Whether the peer has said anything yet. */
  public boolean contacted() {
    return contacted;
  }

  /** Whether the peer said that it is where we are. */
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
    doubtFrom = null;
    resent.clear(0);
    asked = List.of();
  }

  /** An Automerge peer that cannot make sense of our last sync says so with a blank summary. */
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

  /** Works out what the peer lacks, if it said enough for that. */
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
        doubt(frontier);
      }
    } else if (doubtFrom == null && !unknownHeads.isEmpty()) {
      doubt(frontier);
    }
  }

  /** Sets cursor and bits so that exactly what the peer lacks is sent. */
  private void meet(FirstContact contact) {
    established = true;
    doubtFrom = null;
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

  private void doubt(List<ChangeHash> frontier) {
    doubtFrom = frontier;
    doubtHeads = graph.heads();
    doubtHave = null;
  }

  private void settleDoubt() {
    var over =
        established
            && doubtFrom != null
            && unknownHeads.isEmpty()
            && (standsOnRefused() || graph.covers(theirHeads, doubtHeads, VISITS_MAX));
    if (theirHeads.equals(graph.heads())) {
      resent.clear(0);
      over = true;
    }
    if (over) {
      doubtFrom = null;
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

  /** What to ask for now: nothing when it was asked already and there is no reason to insist. */
  private List<ChangeHash> toAsk(List<ChangeHash> waitingFor) {
    unknownHeads = unknown(unknownHeads);
    var need =
        Stream.concat(unknownHeads.stream(), waitingFor.stream())
            .limit(NEED_MAX)
            .distinct()
            .sorted()
            .toList();
    if (need.isEmpty()) {
      return need;
    }
    if (!need.equals(asked)) {
      asks = 0;
    } else if (!heardSinceAsking || asks >= ASKS_MAX) {
      return List.of();
    }
    asked = need;
    asks++;
    heardSinceAsking = false;
    return need;
  }

  /** How many changes from the cursor on are to be sent. */
  private int lacking() {
    return graph.size() - cursor - had.count();
  }

  private Bytes encode(SyncEncoder encoder, List<ChangeHash> need) {
    var size = graph.size();
    var chosen = Arrays.copyOf(resend, resendCount);
    Arrays.sort(chosen);
    if (!established || doubtFrom != null) {
      // The filter is large: it goes with a question only, and is made once.
      owesHave = need.isEmpty() || doubtFrom == null;
      var have = owesHave ? encoder.haveUnsaid() : doubtHave(encoder);
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

  private Bytes doubtHave(SyncEncoder encoder) {
    var have = doubtHave;
    if (have == null) {
      have = encoder.haveFilter(doubtFrom == null ? List.of() : doubtFrom);
      doubtHave = have;
    }
    return have;
  }

  private static List<ChangeHash> ascending(List<ChangeHash> hashes) {
    for (var i = 1; i < hashes.size(); i++) {
      if (hashes.get(i - 1).compareTo(hashes.get(i)) >= 0) {
        return hashes.stream().distinct().sorted().toList();
      }
    }
    return hashes;
  }

  /** When no head is unknown: whether one is refused. */
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
