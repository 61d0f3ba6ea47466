package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.Replicas.Native;
import dev.parlor.crdt.sync.Replicas.Ours;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.automerge.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Complete exchanges with peers of the bindings, message by message. */
class DialogueTest {

  private final Ours relay = new Ours();
  private final List<Native> natives = new ArrayList<>();

  @AfterEach
  void free() {
    relay.close();
    natives.forEach(Native::close);
  }

  private Native peer() {
    var peer = new Native(natives.size() + 1);
    natives.add(peer);
    return peer;
  }

  /** A connected peer at the relay's heads. */
  private Native connected(int link) {
    var peer = peer();
    connect(peer, link);
    return peer;
  }

  private int connect(Native peer, int link) {
    relay.open(link, false);
    peer.open(link, true);
    return Replicas.talk(peer, relay, link);
  }

  private void disconnect(Native peer, int link) {
    relay.close(link);
    peer.close(link);
  }

  private static SyncMessage decoded(Optional<Bytes> message) {
    return SyncMessageCodec.decode(message.orElseThrow(), SyncLimits.DEFAULT).orElseThrow();
  }

  private PeerSync sync(int link) {
    return java.util.Objects.requireNonNull(relay.peers.get(link));
  }

  @Test
  @DisplayName(
      "[SY5] a peer without changes requests the document, gets it in one message, and acknowledges")
  void aPeerWithNothing() {
    var source = peer();
    for (var i = 0; i < 20; i++) {
      source.put("k" + i, "v");
    }
    Replicas.changesOf(source.document).forEach(change -> relay.offer(0, change));
    var newcomer = peer();
    assertEquals(3, connect(newcomer, 1));
    assertEquals(relay.heads(), newcomer.heads());
    assertTrue(sync(1).inSync());
  }

  @Test
  @DisplayName(
      "[SY5] a peer with all changes gets one answer without changes, and no further message follows")
  void aPeerWithEverything() {
    var peer = connected(1);
    peer.put("k", "v");
    Replicas.talk(peer, relay, 1);
    disconnect(peer, 1);
    relay.open(2, false);
    peer.open(2, true);
    relay.receive(2, peer.next(2).orElseThrow());
    var answer = relay.next(2);
    assertEquals(List.of(), decoded(answer).changes());
    peer.receive(2, answer.orElseThrow());
    assertEquals(Optional.empty(), relay.next(2));
    assertEquals(0, Replicas.talk(peer, relay, 2));
  }

  @Test
  @DisplayName(
      "[SY5] an edit costs one message and one acknowledgement for its author and for every other peer")
  void anEditCostsOneMessageEach() {
    var a = connected(1);
    var b = connected(2);
    var c = connected(3);
    a.put("first", "v");
    Replicas.talk(a, relay, 1);
    Replicas.talk(b, relay, 2);
    Replicas.talk(c, relay, 3);
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
        assertTrue(sync(link).inSync());
      }
      assertEquals(Optional.empty(), b.next(2));
      assertEquals(Optional.empty(), c.next(3));
    }
  }

  @Test
  @DisplayName("[SY5] two concurrent edits that cross on the wire are each delivered once")
  void twoConcurrentEdits() {
    var a = connected(1);
    var b = connected(2);
    a.put("base", "v");
    Replicas.talk(a, relay, 1);
    Replicas.talk(b, relay, 2);
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
    assertEquals(1, Replicas.talk(a, relay, 1));
    assertEquals(1, Replicas.talk(b, relay, 2));
    assertEquals(relay.heads(), a.heads());
    assertEquals(relay.heads(), b.heads());
  }

  @Test
  @DisplayName("[SY11] offline changes of both sides are exchanged exactly, in four messages")
  void offlineWorkOnBothSides() {
    var a = connected(1);
    a.put("base", "v");
    Replicas.talk(a, relay, 1);
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
    // A false positive of b's filter withholds a change.
    assertTrue(decoded(toB).changes().size() > 250);
    b.receive(4, toB.orElseThrow());
    var fromB = b.next(4);
    assertEquals(300, decoded(fromB).changes().size());
    relay.receive(4, fromB.orElseThrow());
    Replicas.talk(b, relay, 4);
    assertEquals(2, Replicas.talk(a, relay, 3));
    assertEquals(relay.heads(), a.heads());
    assertEquals(relay.heads(), b.heads());
  }

  @Test
  @DisplayName("[SY11] a peer that was told to send only requested changes is told when that ends")
  void theEndOfADoubtIsTold() {
    var a = connected(1);
    a.put("base", "v");
    Replicas.talk(a, relay, 1);
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
    // Before it arrives, c sends the same change, and b gets a message without our summary.
    Replicas.talk(c, relay, 3);
    var told = relay.next(4);
    assertEquals(List.of(), decoded(told).have());
    b.receive(4, told.orElseThrow());
    relay.receive(4, answer);
    Replicas.talk(b, relay, 4);
    b.put("after it", "v");
    assertEquals(1, decoded(b.next(4)).changes().size(), "without being asked for");
  }

  @Test
  @DisplayName(
      "[SY11] [SY3] an ordinary message has our heads as its summary, an empty filter and no flags")
  void theHaveOfAnOrdinaryMessage() {
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
  @DisplayName("[SY10] a peer that sends empty heads after having had some gets all changes again")
  void aPeerThatLostItsData() {
    var a = connected(1);
    for (var i = 0; i < 10; i++) {
      a.put("k" + i, "v");
    }
    Replicas.talk(a, relay, 1);
    var b = connected(2);
    assertTrue(sync(2).inSync());
    b.close(2);
    var reborn = peer();
    reborn.open(2, true);
    assertEquals(3, Replicas.talk(reborn, relay, 2));
    assertEquals(relay.heads(), reborn.heads());
    assertEquals(relay.heads(), b.heads());
  }

  @Test
  @DisplayName("[SY10] repeated empty heads are answered a bounded number of times")
  void emptyHeadsWithoutEnd() {
    var a = connected(1);
    a.put("k", "v");
    Replicas.talk(a, relay, 1);
    relay.open(2, false);
    var nothing =
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
      relay.receive(2, nothing);
      answers += relay.next(2).isPresent() ? 1 : 0;
    }
    assertEquals(2, answers);
  }

  /** Drops the next message. */
  private static void lose(Optional<Bytes> message) {
    assertTrue(message.isPresent(), "there is something to lose");
  }

  /**
   * Resets sync and delivers all messages. Returns the messages of both sides without the reset
   * message.
   */
  private int startOver(Native peer, int link) {
    assertFalse(relay.agrees(link));
    peer.receive(link, relay.startOver(link));
    var messages = Replicas.talk(peer, relay, link);
    assertTrue(relay.agrees(link));
    assertEquals(relay.heads(), peer.heads());
    return messages;
  }

  @Test
  @DisplayName(
      "[SY12] after a reset a client sends the change that was lost on its way to the server, and no other change again")
  void aChangeLostOnItsWayToUs() {
    var a = connected(1);
    for (var i = 0; i < 50; i++) {
      a.put("k" + i, "v");
    }
    Replicas.talk(a, relay, 1);
    a.put("lost", "v");
    lose(a.next(1));
    assertEquals(0, Replicas.talk(a, relay, 1), "nobody knows");
    a.put("after it", "v");
    assertTrue(Replicas.talk(a, relay, 1) > 0);
    assertEquals(51, relay.graph.size() + relay.pending.size(), "asked for, and not sent again");
    assertFalse(relay.agrees(1));
    a.receive(1, relay.startOver(1));
    var changes = 0;
    for (var message = a.next(1); message.isPresent(); message = a.next(1)) {
      changes += decoded(message).changes().size();
      relay.receive(1, message.get());
      relay.next(1).ifPresent(answer -> a.receive(1, answer));
    }
    assertEquals(2, changes, "the one that was lost, and the one after it");
    assertEquals(a.heads(), relay.heads());
    assertTrue(relay.agrees(1));
  }

  @Test
  @DisplayName(
      "[SY12] after a reset the server sends the change that was lost on its way to the client, and no other change again")
  void aChangeLostOnItsWayFromUs() {
    var a = connected(1);
    for (var i = 0; i < 50; i++) {
      a.put("k" + i, "v");
    }
    Replicas.talk(a, relay, 1);
    var b = connected(2);
    a.put("lost", "v");
    Replicas.talk(a, relay, 1);
    lose(relay.next(2));
    assertEquals(0, Replicas.talk(b, relay, 2), "we believe that it has it");
    assertFalse(relay.agrees(2));
    b.receive(2, relay.startOver(2));
    relay.receive(2, b.next(2).orElseThrow());
    var answer = relay.next(2);
    assertEquals(1, decoded(answer).changes().size());
    b.receive(2, answer.orElseThrow());
    Replicas.talk(b, relay, 2);
    assertTrue(relay.agrees(2));
  }

  @Test
  @DisplayName("[SY12] after a lost acknowledgement a reset sends no change a second time")
  void aLostAcknowledgement() {
    var a = connected(1);
    var b = connected(2);
    a.put("k", "v");
    Replicas.talk(a, relay, 1);
    b.receive(2, relay.next(2).orElseThrow());
    lose(b.next(2));
    assertEquals(0, Replicas.talk(b, relay, 2));
    assertEquals(2, startOver(b, 2), "its heads and ours");
  }

  @Test
  @DisplayName("[SY12] a client without changes whose first answer was lost gets it after a reset")
  void anAnswerLost() {
    var a = connected(1);
    a.put("k", "v");
    Replicas.talk(a, relay, 1);
    var b = peer();
    relay.open(2, false);
    b.open(2, true);
    relay.receive(2, b.next(2).orElseThrow());
    lose(relay.next(2));
    assertEquals(0, Replicas.talk(b, relay, 2));
    // It does not answer a message without heads, which agrees with its own state.
    assertEquals(4, startOver(b, 2), "our heads, its need, the changes, its heads");
  }

  @Test
  @DisplayName("[SY12] [SY8] a reset keeps the last heads of the peer")
  void whatWasToldStaysKnown() {
    var author = peer();
    author.put("k", "v");
    relay.open(1, false);
    author.open(1, true);
    relay.receive(1, author.next(1).orElseThrow());
    relay.startOver(1);
    assertEquals(author.heads(), sync(1).missingHeads());
    assertFalse(sync(1).hasReceived());
    assertEquals(Optional.empty(), relay.next(1), "it has the word");
  }

  @Test
  @DisplayName("[SY7] a missing dependency is requested by hash")
  void aMissingDependencyIsAskedFor() {
    var author = peer();
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
    assertEquals(author.heads(), sync(1).missingHeads());
    var asking = decoded(relay.next(1));
    assertTrue(asking.need().contains(changes.getFirst().hash()));
    assertTrue(sync(1).hasUnansweredNeed());
    assertEquals(Optional.empty(), relay.next(1), "the question is not repeated by itself");
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
    assertFalse(sync(1).hasUnansweredNeed());
    assertEquals(List.of(), sync(1).missingHeads());
  }

  @Test
  @DisplayName(
      "[SY5] a request for a change that no peer has is repeated a bounded number of times")
  void aHeadThatNeverComes() {
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

  @Test
  @DisplayName(
      "[SY3] a peer with flags and without changes gets snapshot and tail in one message of type 43")
  void aSnapshotForAPeerThatUnderstandsIt() {
    var author = peer();
    for (var i = 0; i < 100; i++) {
      author.put("k" + i, "v" + i);
    }
    var snapshot = new SyncEncoder.Snapshot(Bytes.wrap(author.document.save()), author.heads());
    author.put("later", "v");
    var ours = new Ours(graph -> new SyncEncoder(graph, () -> Optional.of(snapshot)));
    Replicas.changesOf(author.document).forEach(change -> ours.offer(0, change));
    var nothing =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            List.of(),
            List.of(),
            List.of(new SyncMessage.Have(List.of(), BloomFilter.EMPTY)),
            List.of(),
            Bytes.ofHex("02"));
    ours.open(1, false);
    ours.open(2, false);
    ours.receive(1, SyncMessageCodec.encode(nothing));
    ours.receive(2, SyncMessageCodec.encode(nothing));
    var first = ours.next(1).orElseThrow();
    assertSame(first, ours.next(2).orElseThrow());
    var message = SyncMessageCodec.decode(first, SyncLimits.DEFAULT).orElseThrow();
    assertEquals(SyncMessage.Kind.BLOB, message.kind());
    var loaded = Document.load(message.changes().getFirst().toArray());
    assertEquals(ours.heads(), Replicas.headsOf(loaded));
    loaded.free();
    ours.open(3, false);
    ours.receive(
        3,
        SyncMessageCodec.encode(
            new SyncMessage(
                nothing.kind(), List.of(), List.of(), nothing.have(), List.of(), null)));
    var plain = decoded(ours.next(3));
    assertEquals(SyncMessage.Kind.CHANGES, plain.kind());
    assertEquals(101, new HashSet<>(plain.changes()).size());
    ours.close();
  }
}
