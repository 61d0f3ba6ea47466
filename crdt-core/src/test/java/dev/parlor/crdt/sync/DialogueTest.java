package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.Replicas.AutomergeReplica;
import dev.parlor.crdt.sync.Replicas.ParlorReplica;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.automerge.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Complete sync dialogues between Parlor and peers of Automerge's bindings, message by message. */
class DialogueTest {

  private final ParlorReplica relay = new ParlorReplica();
  private final List<AutomergeReplica> peers = new ArrayList<>();

  @AfterEach
  void free() {
    relay.close();
    peers.forEach(AutomergeReplica::close);
  }

  private AutomergeReplica newPeer() {
    var peer = new AutomergeReplica(peers.size() + 1);
    peers.add(peer);
    return peer;
  }

  /** A connected peer that has all changes of the relay. */
  private AutomergeReplica connected(int link) {
    var peer = newPeer();
    connect(peer, link);
    return peer;
  }

  private int connect(AutomergeReplica peer, int link) {
    relay.open(link, false);
    peer.open(link, true);
    return Replicas.exchangeAll(peer, relay, link);
  }

  private void disconnect(AutomergeReplica peer, int link) {
    relay.close(link);
    peer.close(link);
  }

  private static SyncMessage decoded(Optional<Bytes> message) {
    return SyncMessageCodec.decode(message.orElseThrow(), SyncLimits.DEFAULT).orElseThrow();
  }

  private PeerSync peerSync(int link) {
    return java.util.Objects.requireNonNull(relay.peers.get(link));
  }

  @Test
  @DisplayName(
      "[SY5] a peer without changes requests the document, gets it in one message, and acknowledges")
  void peerWithoutChanges() {
    var source = newPeer();
    for (var i = 0; i < 20; i++) {
      source.put("k" + i, "v");
    }
    Replicas.changesOf(source.document).forEach(change -> relay.offer(0, change));
    var newcomer = newPeer();
    assertEquals(3, connect(newcomer, 1));
    assertEquals(relay.heads(), newcomer.heads());
    assertTrue(peerSync(1).inSync());
  }

  @Test
  @DisplayName(
      "[SY5] a peer with all changes gets one answer without changes, and no further message follows")
  void peerWithAllChanges() {
    var peer = connected(1);
    peer.put("k", "v");
    Replicas.exchangeAll(peer, relay, 1);
    disconnect(peer, 1);
    relay.open(2, false);
    peer.open(2, true);
    relay.receive(2, peer.next(2).orElseThrow());
    var answer = relay.next(2);
    assertEquals(List.of(), decoded(answer).changes());
    peer.receive(2, answer.orElseThrow());
    assertEquals(Optional.empty(), relay.next(2));
    assertEquals(0, Replicas.exchangeAll(peer, relay, 2));
  }

  @Test
  @DisplayName(
      "[SY5] an edit costs one message and one acknowledgement for its author and for every other peer")
  void editCostsOneMessagePerPeer() {
    var a = connected(1);
    var b = connected(2);
    var c = connected(3);
    a.put("first", "v");
    Replicas.exchangeAll(a, relay, 1);
    Replicas.exchangeAll(b, relay, 2);
    Replicas.exchangeAll(c, relay, 3);
    for (var i = 0; i < 5; i++) {
      a.put("k", "v" + i);
      var edit = a.next(1);
      assertEquals(1, decoded(edit).changes().size());
      relay.receive(1, edit.orElseThrow());
      var acknowledgement = relay.next(1);
      var toB = relay.next(2);
      var toC = relay.next(3);
      assertEquals(List.of(), decoded(acknowledgement).changes());
      assertEquals(a.heads(), decoded(acknowledgement).heads());
      assertEquals(1, decoded(toB).changes().size());
      assertSame(toB.orElseThrow(), toC.orElseThrow(), "[SY6] equal peers share one encoding");
      a.receive(1, acknowledgement.orElseThrow());
      b.receive(2, toB.orElseThrow());
      c.receive(3, toC.orElseThrow());
      assertEquals(Optional.empty(), a.next(1));
      relay.receive(2, b.next(2).orElseThrow());
      relay.receive(3, c.next(3).orElseThrow());
      for (var link = 1; link <= 3; link++) {
        assertEquals(Optional.empty(), relay.next(link));
        assertTrue(peerSync(link).inSync());
      }
      assertEquals(Optional.empty(), b.next(2));
      assertEquals(Optional.empty(), c.next(3));
    }
  }

  @Test
  @DisplayName("[SY5] two concurrent edits that cross on the wire are each delivered once")
  void concurrentEditsAreDeliveredOnce() {
    var a = connected(1);
    var b = connected(2);
    a.put("base", "v");
    Replicas.exchangeAll(a, relay, 1);
    Replicas.exchangeAll(b, relay, 2);
    a.put("a", "v");
    b.put("b", "v");
    relay.receive(1, a.next(1).orElseThrow());
    relay.receive(2, b.next(2).orElseThrow());
    var toA = relay.next(1);
    var toB = relay.next(2);
    assertEquals(1, decoded(toA).changes().size());
    assertEquals(1, decoded(toB).changes().size());
    assertEquals(2, decoded(toA).heads().size());
    a.receive(1, toA.orElseThrow());
    b.receive(2, toB.orElseThrow());
    assertEquals(1, Replicas.exchangeAll(a, relay, 1));
    assertEquals(1, Replicas.exchangeAll(b, relay, 2));
    assertEquals(relay.heads(), a.heads());
    assertEquals(relay.heads(), b.heads());
  }

  @Test
  @DisplayName("[SY11] offline changes of both sides are exchanged exactly, in four messages")
  void offlineChangesOfBothSides() {
    var a = connected(1);
    a.put("base", "v");
    Replicas.exchangeAll(a, relay, 1);
    var b = connected(2);
    disconnect(a, 1);
    disconnect(b, 2);
    for (var i = 0; i < 300; i++) {
      a.put("a" + i, "v");
      b.put("b" + i, "v");
    }
    assertEquals(4, connect(a, 3));
    relay.open(4, false);
    b.open(4, true);
    relay.receive(4, b.next(4).orElseThrow());
    var toB = relay.next(4);
    // False positives of b's filter withhold some changes.
    assertTrue(decoded(toB).changes().size() > 250);
    b.receive(4, toB.orElseThrow());
    var fromB = b.next(4);
    assertEquals(300, decoded(fromB).changes().size());
    relay.receive(4, fromB.orElseThrow());
    Replicas.exchangeAll(b, relay, 4);
    assertEquals(2, Replicas.exchangeAll(a, relay, 3));
    assertEquals(relay.heads(), a.heads());
    assertEquals(relay.heads(), b.heads());
  }

  @Test
  @DisplayName(
      "[SY11] a message without our summary is followed by a message with it when the doubt is settled")
  void summaryFollowsTheEndOfADoubt() {
    var a = connected(1);
    a.put("base", "v");
    Replicas.exchangeAll(a, relay, 1);
    var b = connected(2);
    var c = connected(3);
    disconnect(b, 2);
    b.put("offline", "v");
    Replicas.changesOf(b.document)
        .forEach(change -> c.document.applyEncodedChanges(change.plain().toArray()));
    relay.open(4, false);
    b.open(4, true);
    relay.receive(4, b.next(4).orElseThrow());
    b.receive(4, relay.next(4).orElseThrow());
    var answer = b.next(4).orElseThrow();
    // Before the answer arrives, c sends the same change. b gets a message without our summary.
    Replicas.exchangeAll(c, relay, 3);
    var withoutSummary = relay.next(4);
    assertEquals(List.of(), decoded(withoutSummary).have());
    b.receive(4, withoutSummary.orElseThrow());
    relay.receive(4, answer);
    Replicas.exchangeAll(b, relay, 4);
    b.put("after it", "v");
    assertEquals(1, decoded(b.next(4)).changes().size(), "sent without a request");
  }

  @Test
  @DisplayName(
      "[SY11] [SY3] an ordinary message has our heads as its summary, an empty filter and no flags")
  void summaryOfAnOrdinaryMessage() {
    var a = connected(1);
    a.put("k", "v");
    relay.receive(1, a.next(1).orElseThrow());
    var message = decoded(relay.next(1));
    assertEquals(List.of(new SyncMessage.Have(relay.heads(), BloomFilter.EMPTY)), message.have());
    assertEquals(List.of(), message.need());
    assertNull(message.flags());
    assertEquals(SyncMessage.Kind.CHANGES, message.kind());
  }

  @Test
  @DisplayName("[SY10] a peer that sends empty heads after it had changes gets all changes again")
  void peerThatLostItsData() {
    var a = connected(1);
    for (var i = 0; i < 10; i++) {
      a.put("k" + i, "v");
    }
    Replicas.exchangeAll(a, relay, 1);
    var b = connected(2);
    assertTrue(peerSync(2).inSync());
    b.close(2);
    var peerWithoutData = newPeer();
    peerWithoutData.open(2, true);
    assertEquals(3, Replicas.exchangeAll(peerWithoutData, relay, 2));
    assertEquals(relay.heads(), peerWithoutData.heads());
    assertEquals(relay.heads(), b.heads());
  }

  @Test
  @DisplayName("[SY10] repeated empty heads are answered a bounded number of times")
  void repeatedEmptyHeads() {
    var a = connected(1);
    a.put("k", "v");
    Replicas.exchangeAll(a, relay, 1);
    relay.open(2, false);
    var emptyMessage =
        SyncMessageCodec.encode(
            new SyncMessage(
                SyncMessage.Kind.CHANGES,
                List.of(),
                List.of(),
                List.of(new SyncMessage.Have(List.of(), BloomFilter.EMPTY)),
                List.of(),
                null));
    var answers = 0;
    for (var i = 0; i < 50; i++) {
      relay.receive(2, emptyMessage);
      answers += relay.next(2).isPresent() ? 1 : 0;
    }
    assertEquals(2, answers);
  }

  /** Drops the next message. */
  private static void dropMessage(Optional<Bytes> message) {
    assertTrue(message.isPresent(), "there is a message to drop");
  }

  /**
   * Resets sync and delivers all messages. Returns the number of messages of both sides without the
   * reset message.
   */
  private int resetAndExchangeAll(AutomergeReplica peer, int link) {
    assertFalse(relay.isInSync(link));
    peer.receive(link, relay.resetSync(link));
    var messages = Replicas.exchangeAll(peer, relay, link);
    assertTrue(relay.isInSync(link));
    assertEquals(relay.heads(), peer.heads());
    return messages;
  }

  @Test
  @DisplayName(
      "[SY12] after a reset a client sends the change that was lost on its way to the server, and no other change again")
  void changeLostOnTheWayToTheServer() {
    var a = connected(1);
    for (var i = 0; i < 50; i++) {
      a.put("k" + i, "v");
    }
    Replicas.exchangeAll(a, relay, 1);
    a.put("lost", "v");
    dropMessage(a.next(1));
    assertEquals(0, Replicas.exchangeAll(a, relay, 1), "the loss is not detected yet");
    a.put("after it", "v");
    assertTrue(Replicas.exchangeAll(a, relay, 1) > 0);
    assertEquals(
        51,
        relay.graph.size() + relay.pending.size(),
        "the client does not send the requested change again");
    assertFalse(relay.isInSync(1));
    a.receive(1, relay.resetSync(1));
    var changes = 0;
    for (var message = a.next(1); message.isPresent(); message = a.next(1)) {
      for (var blob : decoded(message).changes()) {
        changes += ChangeCodec.split(blob, FormatLimits.DEFAULT).orElseThrow().size();
      }
      relay.receive(1, message.get());
      relay.next(1).ifPresent(answer -> a.receive(1, answer));
    }
    assertEquals(2, changes, "the lost change and the change after it");
    assertEquals(a.heads(), relay.heads());
    assertTrue(relay.isInSync(1));
  }

  @Test
  @DisplayName(
      "[SY12] after a reset the server sends the change that was lost on its way to the client, and no other change again")
  void changeLostOnTheWayToTheClient() {
    var a = connected(1);
    for (var i = 0; i < 50; i++) {
      a.put("k" + i, "v");
    }
    Replicas.exchangeAll(a, relay, 1);
    var b = connected(2);
    a.put("lost", "v");
    Replicas.exchangeAll(a, relay, 1);
    dropMessage(relay.next(2));
    assertEquals(
        0, Replicas.exchangeAll(b, relay, 2), "the relay believes that the client has the change");
    assertFalse(relay.isInSync(2));
    b.receive(2, relay.resetSync(2));
    relay.receive(2, b.next(2).orElseThrow());
    var answer = relay.next(2);
    assertEquals(1, decoded(answer).changes().size());
    b.receive(2, answer.orElseThrow());
    Replicas.exchangeAll(b, relay, 2);
    assertTrue(relay.isInSync(2));
  }

  @Test
  @DisplayName("[SY12] after a lost acknowledgement a reset sends no change a second time")
  void lostAcknowledgement() {
    var a = connected(1);
    var b = connected(2);
    a.put("k", "v");
    Replicas.exchangeAll(a, relay, 1);
    b.receive(2, relay.next(2).orElseThrow());
    dropMessage(b.next(2));
    assertEquals(0, Replicas.exchangeAll(b, relay, 2));
    assertEquals(2, resetAndExchangeAll(b, 2), "the client's heads and our heads");
  }

  @Test
  @DisplayName("[SY12] a client without changes whose first answer was lost gets it after a reset")
  void lostFirstAnswer() {
    var a = connected(1);
    a.put("k", "v");
    Replicas.exchangeAll(a, relay, 1);
    var b = newPeer();
    relay.open(2, false);
    b.open(2, true);
    relay.receive(2, b.next(2).orElseThrow());
    dropMessage(relay.next(2));
    assertEquals(0, Replicas.exchangeAll(b, relay, 2));
    // b does not answer the reset message, because b has no heads either.
    assertEquals(4, resetAndExchangeAll(b, 2), "our heads, b's request, the changes, b's heads");
  }

  @Test
  @DisplayName("[SY12] [SY8] a reset keeps the last heads of the peer")
  void resetKeepsThePeersHeads() {
    var author = newPeer();
    author.put("k", "v");
    relay.open(1, false);
    author.open(1, true);
    relay.receive(1, author.next(1).orElseThrow());
    relay.resetSync(1);
    assertEquals(author.heads(), peerSync(1).missingHeads());
    assertFalse(peerSync(1).hasReceived());
    assertEquals(Optional.empty(), relay.next(1), "the peer must send the next message");
  }

  @Test
  @DisplayName("[SY7] a missing dependency is requested by hash")
  void missingDependencyIsRequested() {
    var author = newPeer();
    author.put("one", "v");
    author.put("two", "v");
    var changes = Replicas.changesOf(author.document);
    relay.open(1, false);
    relay.receive(
        1,
        SyncMessageCodec.encode(
            new SyncMessage(
                SyncMessage.Kind.CHANGES,
                author.heads(),
                List.of(),
                List.of(),
                List.of(changes.getLast().plain()),
                null)));
    assertEquals(author.heads(), peerSync(1).missingHeads());
    var request = decoded(relay.next(1));
    assertTrue(request.need().contains(changes.getFirst().hash()));
    assertTrue(peerSync(1).hasUnansweredNeed());
    assertEquals(Optional.empty(), relay.next(1), "the request is not repeated by itself");
    relay.receive(
        1,
        SyncMessageCodec.encode(
            new SyncMessage(
                SyncMessage.Kind.CHANGES,
                author.heads(),
                List.of(),
                List.of(),
                List.of(changes.getFirst().plain()),
                null)));
    assertEquals(author.heads(), relay.heads());
    assertFalse(peerSync(1).hasUnansweredNeed());
    assertEquals(List.of(), peerSync(1).missingHeads());
  }

  @Test
  @DisplayName(
      "[SY5] a request for a change that no peer has is repeated a bounded number of times")
  void unavailableHeadIsRequestedFewTimes() {
    relay.open(1, false);
    var claim =
        SyncMessageCodec.encode(
            new SyncMessage(
                SyncMessage.Kind.CHANGES,
                List.of(new ChangeHash(1, 2, 3, 4)),
                List.of(),
                List.of(new SyncMessage.Have(List.of(), BloomFilter.EMPTY)),
                List.of(),
                null));
    var answers = 0;
    for (var i = 0; i < 50; i++) {
      relay.receive(1, claim);
      answers += relay.next(1).isPresent() ? 1 : 0;
    }
    assertTrue(answers <= 20, answers + " answers");
    assertTrue(answers >= 1);
  }

  private SyncMessage.Kind kindOfUpload(AutomergeReplica author, int link) {
    relay.open(link, false);
    author.open(link, true);
    relay.receive(link, author.next(link).orElseThrow());
    author.receive(link, relay.next(link).orElseThrow());
    return decoded(author.next(link)).kind();
  }

  @Test
  @DisplayName(
      "[SY3] an Automerge peer uploads a long document that the relay lacks as type 43, a short or known one as type 42")
  void typeOfUploads() {
    var shortAuthor = newPeer();
    for (var i = 1; i < WholeDocumentOffer.CHANGES_MIN; i++) {
      shortAuthor.put("k", "v" + i);
    }
    assertEquals(SyncMessage.Kind.CHANGES, kindOfUpload(shortAuthor, 1));
    shortAuthor.put("k", "v");
    assertEquals(SyncMessage.Kind.BLOB, kindOfUpload(shortAuthor, 2));
    var other = newPeer();
    other.put("k", "v");
    Replicas.changesOf(other.document).forEach(change -> relay.offer(0, change));
    assertEquals(SyncMessage.Kind.CHANGES, kindOfUpload(shortAuthor, 3));
  }

  @Test
  @DisplayName("[SY3] a peer that sends no flags is sent no flags")
  void noFlagsWithoutFlags() {
    var hashes =
        IntStream.range(0, WholeDocumentOffer.CHANGES_MIN)
            .mapToObj(i -> new ChangeHash(i, i, i, i))
            .toList();
    var message =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            hashes.subList(0, 1),
            List.of(),
            List.of(new SyncMessage.Have(List.of(), BloomFilter.of(hashes, hashes.size()))),
            List.of(),
            null);
    relay.open(1, false);
    relay.receive(1, SyncMessageCodec.encode(message));
    assertNull(decoded(relay.next(1)).flags());
  }

  @Test
  @DisplayName(
      "[SY3] a peer with flags and without changes gets the snapshot and the later changes in one message of type 43")
  void snapshotForAPeerWithFlags() {
    var author = newPeer();
    for (var i = 0; i < 100; i++) {
      author.put("k" + i, "v" + i);
    }
    var snapshot = new SyncEncoder.Snapshot(Bytes.wrap(author.document.save()), author.heads());
    author.put("later", "v");
    var snapshotRelay =
        new ParlorReplica(graph -> new SyncEncoder(graph, () -> Optional.of(snapshot)));
    Replicas.changesOf(author.document).forEach(change -> snapshotRelay.offer(0, change));
    var emptyMessage =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            List.of(),
            List.of(),
            List.of(new SyncMessage.Have(List.of(), BloomFilter.EMPTY)),
            List.of(),
            Bytes.ofHex("02"));
    snapshotRelay.open(1, false);
    snapshotRelay.open(2, false);
    snapshotRelay.receive(1, SyncMessageCodec.encode(emptyMessage));
    snapshotRelay.receive(2, SyncMessageCodec.encode(emptyMessage));
    var first = snapshotRelay.next(1).orElseThrow();
    assertSame(first, snapshotRelay.next(2).orElseThrow());
    var message = SyncMessageCodec.decode(first, SyncLimits.DEFAULT).orElseThrow();
    assertEquals(SyncMessage.Kind.BLOB, message.kind());
    var loaded = Document.load(message.changes().getFirst().toArray());
    assertEquals(snapshotRelay.heads(), Replicas.headsOf(loaded));
    loaded.free();
    snapshotRelay.open(3, false);
    snapshotRelay.receive(
        3,
        SyncMessageCodec.encode(
            new SyncMessage(
                emptyMessage.kind(), List.of(), List.of(), emptyMessage.have(), List.of(), null)));
    var plain = decoded(snapshotRelay.next(3));
    assertEquals(SyncMessage.Kind.CHANGES, plain.kind());
    assertEquals(101, new HashSet<>(plain.changes()).size());
    snapshotRelay.close();
  }
}
