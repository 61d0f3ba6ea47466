package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Admission;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The rules of a document without threads, sockets or a clock: commands in, frames and appends out.
 */
class DocumentStateTest {

  private static final long SECOND = 1_000_000_000L;

  private final DocumentId id = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
  private final Limits limits = Limits.defaults();
  private final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);
  private final ChangeGraph graph = checked.graph();
  private final List<Integer> appendsFrom = new ArrayList<>();
  private final DocumentState document =
      new DocumentState(
          id,
          new RelayServices(
              limits,
              new Metrics(),
              new Admission(limits.changes()),
              new PeerId("server"),
              new SessionId("run"),
              () -> 0L),
          new DocumentLoader.Loaded(
              checked,
              ChangePolicy.byRole(),
              new Authors(id, new MemoryChangeStore(new StorageId("memory")).table("authors")),
              null),
          (from, _) -> appendsFrom.add(from));

  private final FakePeer ada = new FakePeer("ada");
  private final FakePeer bob = new FakePeer("bob");
  private final List<ChangeChunk> chain = chain("ada", 6);

  private static List<ChangeChunk> chain(String author, int length) {
    var changes = new ArrayList<ChangeChunk>();
    try (var replica =
        Replica.create(new ActorId(Bytes.utf8((author + " ".repeat(16)).substring(0, 16))))) {
      for (var i = 0; i < length; i++) {
        var edit = new Edit.Put(Path.of(author + i), new Value.Int(i));
        var chunk = replica.transact(List.of(edit)).orElseThrow();
        changes.add(ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow());
      }
    }
    return changes;
  }

  /** A message that announces heads and carries changes. */
  private static Inbound announcing(List<ChangeHash> heads, ChangeChunk... changes) {
    var have = new SyncMessage.Have(List.of(), BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), List.of(have), List.of(), null);
    return new Inbound(message, List.of(changes), 100, 100);
  }

  private static Inbound carrying(ChangeChunk... changes) {
    return announcing(List.of(changes[changes.length - 1].hash()), changes);
  }

  private void committed(int from) {
    document.appended(from, Optional.empty(), 0);
    document.settle(0);
  }

  @Test
  @DisplayName(
      "[DU1] a reconnecting peer's uncommitted change is not acknowledged before its commit")
  void acknowledgedMeansOnDiskAfterAReconnectToo() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    document.leave(ada, false);
    var again = new FakePeer("ada");
    document.receive(again, announcing(List.of(chain.get(0).hash())), 0);
    var offline = new FakePeer("ada-2");
    document.receive(offline, announcing(List.of(chain.get(1).hash())), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    assertEquals(List.of(), again.syncs());
    assertEquals(List.of(), offline.syncs(), "its changes follow an uncommitted change");
    assertEquals(List.of(chain.get(0).hash()), bob.syncs().getFirst().heads(), "no author");
    committed(0);
    assertEquals(List.of(chain.get(0).hash()), again.syncs().getFirst().heads());
    assertEquals(List.of(chain.get(1).hash()), offline.syncs().getFirst().need());
  }

  @Test
  @DisplayName(
      "[DU1] a peer that announced a change, sent first by another peer, waits for its commit")
  void acknowledgedMeansOnDiskWhoeverBringsIt() {
    document.receive(ada, announcing(List.of(chain.get(0).hash())), 0);
    document.settle(0);
    assertEquals(List.of(chain.get(0).hash()), ada.syncs().getFirst().need());
    document.receive(bob, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of(), ada.syncs());
    committed(0);
    assertEquals(List.of(chain.get(0).hash()), ada.syncs().getFirst().heads());
  }

  @Test
  @DisplayName("[DU1] no heads that cover a peer's own change reach the peer before the commit")
  void acknowledgedMeansOnDisk() {
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of(), ada.syncs());
    // Other peers receive it at once.
    assertEquals(List.of(chain.get(0).hash()), bob.syncs().getFirst().heads());
    // Other events before the commit change nothing for Ada.
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.submit(List.of(chain("server", 1).getFirst()), new CompletableFuture<>());
    document.settle(0);
    assertEquals(List.of(), ada.syncs());
    committed(0);
    assertEquals(List.of(), ada.syncs());
    committed(1);
    assertEquals(2, ada.syncs().getFirst().heads().size());
  }

  @Test
  @DisplayName(
      "[DU1] a newly attached peer that sends another peer's change waits for the same commit")
  void duplicateSenderWaitsForTheCommit() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of(), bob.syncs());
    committed(0);
    assertEquals(1, bob.syncs().size());
  }

  @Test
  @DisplayName(
      "[DU1] an attached peer that sends another peer's uncommitted change waits for its commit")
  void attachedDuplicateSenderWaitsForTheCommit() {
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of(), bob.syncs());
    committed(0);
    assertEquals(1, bob.syncs().size());
  }

  @Test
  @DisplayName(
      "[DU1] the sender of a change that waited for a dependency waits for the commit of both")
  void sendersOfWaitingChangesWaitForTheCommit() {
    document.receive(ada, announcing(List.of(), chain.get(1)), 0); // without heads
    document.settle(0);
    ada.syncs();
    // Bob sends the missing dependency, and both changes enter.
    document.receive(bob, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(2, graph.size());
    assertEquals(List.of(), ada.syncs(), "its own change is not on disk");
    committed(0);
    assertEquals(List.of(chain.get(1).hash()), ada.syncs().getFirst().heads());
  }

  @Test
  @DisplayName(
      "[DU1] deferred messages of a peer that waits for a commit are limited; one more closes it")
  void deferredMessagesAreLimited() {
    document.receive(ada, carrying(chain.get(0)), 1);
    document.settle(1);
    var late = 1 + CommitWait.HELD_NANOS + 1;
    for (var i = 0; i < FixedLimits.PUT_OFF_MESSAGES_MAX; i++) {
      document.receive(ada, carrying(chain.get(1)), late);
    }
    document.settle(late);
    assertEquals(0, ada.closedWith);
    document.receive(ada, carrying(chain.get(1)), late);
    assertEquals(CloseCodes.OVERLOAD, ada.closedWith);
    assertEquals(1, graph.size());
  }

  /** The same message with each change as a portion of its own. */
  private static Inbound byOne(Inbound inbound) {
    var ends = IntStream.rangeClosed(1, inbound.changes().size()).boxed().toList();
    return new Inbound(
        inbound.message(), inbound.changes(), inbound.bytes(), inbound.weight(), ends, List.of());
  }

  @Test
  @DisplayName(
      "a large message enters in portions; other peers are served between, its sender at the end")
  void largeMessageEntersInPortions() {
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    bob.syncs();
    document.receive(ada, byOne(carrying(chain.get(0), chain.get(1), chain.get(2))), 0);
    assertEquals(0, graph.size());
    assertEquals(0, document.settle(0), "the next step is due at once");
    assertEquals(1, graph.size());
    assertEquals(100, document.unfinishedWeight());
    committed(0); // this step also takes in the second portion
    assertEquals(2, graph.size());
    var bobs = chain("bob", 1).getFirst();
    document.receive(bob, carrying(bobs), 0);
    assertEquals(3, graph.size(), "heard before the last portion");
    assertEquals(List.of(), ada.syncs(), "portions on disk are no answer yet");
    assertTrue(document.settle(0) > 0);
    assertEquals(0, document.unfinishedWeight());
    assertEquals(4, graph.size());
    committed(1);
    assertEquals(List.of(), ada.syncs());
    committed(2);
    var told = ada.syncs();
    assertEquals(1, told.size());
    assertTrue(told.getFirst().heads().contains(chain.get(2).hash()));
    assertEquals(1, told.getFirst().changes().size(), "its own are not sent back");
  }

  @Test
  @DisplayName("a peer's next message waits until all portions of its large message have entered")
  void laterMessageWaitsForAllPortions() {
    document.receive(ada, byOne(carrying(chain.get(0), chain.get(1))), 0);
    document.receive(ada, carrying(chain.get(2)), 0);
    document.settle(0);
    document.settle(0);
    assertEquals(2, graph.size());
    committed(0);
    committed(1);
    assertEquals(3, graph.size());
    assertEquals(0, ada.closedWith);
  }

  @Test
  @DisplayName("the portions of two large messages alternate")
  void largeMessagesAlternate() {
    var other = chain("bob", 2);
    document.receive(ada, byOne(carrying(chain.get(0), chain.get(1))), 0);
    document.receive(bob, byOne(carrying(other.get(0), other.get(1))), 0);
    for (var step = 1; step <= 4; step++) {
      document.settle(0);
      assertEquals(step, graph.size(), "one portion a step");
    }
    assertTrue(graph.contains(chain.get(1).hash()) && graph.contains(other.get(1).hash()));
    assertEquals(chain.get(0).plain(), graph.chunkAt(0));
    assertEquals(other.get(0).plain(), graph.chunkAt(1));
  }

  @Test
  @DisplayName("a large message still enters whole after its peer has left")
  void largeMessageIsFinishedAfterItsPeerLeft() {
    document.receive(ada, byOne(carrying(chain.get(0), chain.get(1), chain.get(2))), 0);
    document.settle(0);
    document.leave(ada, true);
    assertFalse(document.isIdle());
    document.settle(0);
    document.settle(0);
    assertEquals(3, graph.size());
    committed(0);
    committed(1);
    committed(2);
    assertTrue(document.isIdle());
  }

  @Test
  @DisplayName(
      "a reconnecting peer drops the rest of its large message and starts with a clean state")
  void reconnectDropsTheUnfinishedMessage() {
    document.receive(ada, byOne(carrying(chain.get(0), chain.get(1), chain.get(2))), 0);
    document.settle(0);
    var again = new FakePeer("ada");
    document.receive(again, carrying(chain.get(0), chain.get(1)), 0);
    assertTrue(document.settle(0) > 0, "nothing is left to take in");
    assertEquals(2, graph.size());
    assertEquals(0, document.unfinishedWeight());
  }

  @Test
  @DisplayName("a refused change in a large message is left out; the other changes enter")
  void refusedChangeInALargeMessageIsLeftOut() {
    var broken = chain("bob", 2).get(1); // its dependency is missing, so it waits
    var forged =
        new ChangeChunk(
            broken.hash(),
            broken.actor(),
            2,
            1,
            0,
            "",
            List.of(),
            List.of(),
            broken.columns(),
            broken.plain());
    document.receive(ada, byOne(carrying(chain.get(0), forged, chain.get(1))), 0);
    document.settle(0);
    document.settle(0);
    assertEquals(List.of("AD1"), ada.refusals);
    assertEquals(0, ada.closedWith);
    document.settle(0);
    assertTrue(document.settle(0) > 0);
    assertEquals(2, graph.size());
    document.leave(ada, false);
    committed(0);
    committed(1);
    assertTrue(document.isIdle());
  }

  @Test
  @DisplayName("a full document refuses another peer and has a free place when a peer leaves")
  void theNumberOfPeersIsLimited() {
    var peers = new ArrayList<FakePeer>();
    for (var i = 0; i < limits.documents().peersMax(); i++) {
      peers.add(new FakePeer("peer-" + i));
      document.receive(peers.getLast(), announcing(List.of()), 0);
    }
    assertEquals(0, peers.getLast().closedWith);
    document.receive(ada, announcing(List.of()), 0);
    assertEquals(List.of("room"), ada.refusals);
    assertEquals(0, ada.closedWith, "it may have other documents");
    assertInstanceOf(WireMessage.DocUnavailable.class, ada.received.getLast());
    var guest = new FakePeer("guest", new Caller(Optional.empty(), Role.PLAYER, Optional.of(id)));
    document.receive(guest, announcing(List.of()), 0);
    assertEquals(CloseCodes.OVERLOAD, guest.closedWith, "this document is all that it came for");
    document.leave(peers.getFirst(), false);
    document.receive(bob, announcing(List.of()), 0);
    assertEquals(List.of(), bob.refusals);
    document.receive(ada, announcing(List.of()), 0);
    assertEquals(List.of("room", "room"), ada.refusals);
    document.leave(peers.get(1), false);
    document.receive(ada, announcing(List.of()), 0);
    assertEquals(List.of("room", "room"), ada.refusals);
  }

  @Test
  @DisplayName("[DU1] the commit of a later append does not acknowledge an earlier append")
  void laterCommitDoesNotAcknowledgeEarlierChanges() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    document.receive(bob, carrying(chain.get(0), chain.get(1)), 0);
    document.settle(0);
    assertEquals(List.of(0, 1), appendsFrom);
    committed(1);
    assertEquals(List.of(), ada.syncs());
    assertEquals(List.of(), bob.syncs());
    committed(0);
    assertEquals(1, ada.syncs().size());
    assertEquals(1, bob.syncs().size());
  }

  @Test
  @DisplayName(
      "[DU1] after a failed append the document keeps relaying, retries and acknowledges nothing")
  void failedAppendIsRetriedAndNotAcknowledged() {
    document.receive(bob, announcing(List.of()), 0);
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    document.appended(0, Optional.of(new IOException("full")), 0);
    assertTrue(document.settle(0) <= SECOND, "the next attempt is due soon");
    assertTrue(document.inTrouble());
    document.receive(ada, carrying(chain.get(1)), 0);
    document.settle(0);
    assertEquals(List.of(chain.get(1).hash()), bob.syncs().getLast().heads());
    assertEquals(List.of(0), appendsFrom);
    document.settle(SECOND);
    assertEquals(List.of(0, 0), appendsFrom);
    assertEquals(List.of(), ada.syncs());
    committed(0);
    assertEquals(List.of(0, 0, 1), appendsFrom);
    assertEquals(List.of(), ada.syncs());
    committed(1);
    assertFalse(document.inTrouble());
    assertEquals(List.of(chain.get(1).hash()), ada.syncs().getFirst().heads());
  }

  @Test
  @DisplayName("[DU1] a peer that writes faster than the disk commits is still served in time")
  void fastWriterIsServedInTime() {
    document.receive(ada, carrying(chain.get(0)), 1);
    document.settle(1);
    var late = 1 + CommitWait.HELD_NANOS + 1;
    document.receive(ada, carrying(chain.get(1)), late);
    document.settle(late);
    assertEquals(1, graph.size(), "taken before the first was acknowledged");
    committed(0);
    assertEquals(List.of(chain.get(0).hash()), ada.syncs().getFirst().heads());
    assertEquals(2, graph.size());
    assertEquals(List.of(), ada.syncs());
    committed(1);
    assertEquals(List.of(chain.get(1).hash()), ada.syncs().getFirst().heads());
  }

  @Test
  @DisplayName("[SY6] peers in the same sync state receive the same encoded frame")
  void framesAreShared() {
    var carol = new FakePeer("carol");
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    committed(0);
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.receive(carol, announcing(List.of(chain.get(0).hash())), 0);
    document.settle(0);
    document.receive(ada, carrying(chain.get(1)), 0);
    document.settle(0);
    assertSame(bob.sharedParts.getLast(), carol.sharedParts.getLast());
    assertEquals(bob.id(), ((WireMessage.Sync) bob.received.getLast()).targetId());
    assertEquals(carol.id(), ((WireMessage.Sync) carol.received.getLast()).targetId());
  }

  @Test
  @DisplayName("[SY6] changes that arrive in one step leave in one message")
  void coalescing() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    committed(0);
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.settle(0);
    bob.syncs();
    for (var i = 1; i < 6; i++) {
      document.receive(ada, carrying(chain.get(i)), 0);
    }
    document.settle(0);
    var syncs = bob.syncs();
    assertEquals(1, syncs.size());
    assertEquals(5, syncs.getFirst().changes().size());
    assertEquals(List.of(0, 1), appendsFrom);
  }

  @Test
  @DisplayName(
      "[SY9] a request for a missing document is answered once after a delay, and served later")
  void unavailable() {
    document.receive(ada, announcing(List.of()), 0);
    assertEquals(PendingRequests.GRACE_NANOS, document.settle(0));
    assertEquals(List.of(), ada.received);
    document.settle(PendingRequests.GRACE_NANOS);
    assertInstanceOf(WireMessage.DocUnavailable.class, ada.received.removeFirst());
    document.receive(ada, announcing(List.of()), SECOND);
    document.settle(2 * SECOND);
    assertEquals(List.of(), ada.received);
    document.receive(bob, carrying(chain.get(0)), 3 * SECOND);
    document.settle(3 * SECOND);
    assertEquals(List.of(chain.get(0).hash()), ada.syncs().getFirst().heads());
  }

  @Test
  @DisplayName("[SY8] a request waits while a supplier's announced changes are still missing")
  void holdBack() {
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.receive(ada, announcing(List.of()), 0);
    document.settle(0);
    assertEquals(List.of(chain.get(0).hash()), bob.syncs().getFirst().need());
    document.settle(SECOND);
    assertEquals(List.of(), ada.received);
    document.receive(bob, carrying(chain.get(0)), SECOND);
    document.settle(SECOND);
    var syncs = ada.syncs();
    assertEquals(1, syncs.size());
    assertEquals(List.of(chain.get(0).hash()), syncs.getFirst().heads());
  }

  @Test
  @DisplayName("[SY8] a request stops waiting when the supplier leaves or its time is over")
  void holdBackEnds() {
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.receive(ada, announcing(List.of()), 0);
    document.settle(0);
    document.leave(bob, false);
    document.settle(SECOND);
    assertInstanceOf(WireMessage.DocUnavailable.class, ada.received.removeFirst());
    var carol = new FakePeer("carol");
    document.receive(bob, announcing(List.of(chain.get(0).hash())), SECOND);
    document.receive(carol, announcing(List.of()), SECOND);
    var patience = limits.documents().holdBackMillisMax() * 1_000_000L;
    assertEquals(patience, document.settle(SECOND));
    document.settle(SECOND + patience);
    assertInstanceOf(WireMessage.DocUnavailable.class, carol.received.removeFirst());
  }

  @Test
  @DisplayName(
      "[SY7] changes with missing dependencies wait, the server requests those, all enter in order")
  void missingDependencies() {
    document.receive(bob, announcing(List.of()), 0);
    document.receive(ada, carrying(chain.get(1), chain.get(2)), 0);
    document.settle(0);
    assertEquals(0, graph.size());
    assertTrue(ada.syncs().getFirst().need().contains(chain.get(0).hash()));
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(3, graph.size());
    assertEquals(List.of(chain.get(2).hash()), graph.heads());
    assertEquals(List.of(), ada.syncs());
    assertEquals(3, bob.syncs().getFirst().changes().size());
    committed(0);
    assertEquals(List.of(chain.get(2).hash()), ada.syncs().getFirst().heads());
  }

  @Test
  @DisplayName("[AD5] a spectator's change is refused and the document is unchanged")
  void spectators() {
    var spectator =
        new FakePeer("eve", new Caller(Optional.empty(), Role.SPECTATOR, Optional.of(id)));
    document.receive(spectator, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of("AD5"), spectator.refusals);
    assertEquals(0, graph.size());
  }

  @Test
  @DisplayName("[HS4] the same peer id on a newer connection starts with a clean state")
  void replaced() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    committed(0);
    var again = new FakePeer("ada");
    document.receive(again, announcing(List.of()), 0);
    document.settle(0);
    assertEquals(1, again.syncs().getFirst().changes().size());
    ada.received.clear();
    document.receive(ada, carrying(chain.get(1)), 0);
    document.leave(ada, true);
    document.settle(0);
    assertEquals(List.of(), ada.received);
  }

  @Test
  @DisplayName(
      "[SY5] each of many edits in a row reaches a reader and is acknowledged to its writer")
  void longRunOfEditsIsRelayedAndAcknowledged() {
    var changes = chain("long", 1_000);
    var previous = List.<ChangeHash>of();
    document.receive(ada, carrying(changes.get(0)), 0);
    document.settle(0);
    committed(0);
    ada.syncs();
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    for (var i = 1; i < changes.size(); i++) {
      var heads = List.of(changes.get(i).hash());
      for (var sync : bob.syncs()) {
        previous = sync.heads();
      }
      document.receive(ada, after(changes.get(i - 1).hash(), changes.get(i)), 0);
      document.settle(0);
      document.receive(bob, announcing(previous), 0);
      document.settle(0);
      assertEquals(heads, bob.syncs().getLast().heads(), "edit " + i);
      previous = heads;
      document.receive(bob, at(heads), 0);
      document.settle(0);
      committed(i);
      var acknowledged = ada.syncs();
      assertEquals(heads, acknowledged.getLast().heads(), "edit " + i);
    }
  }

  private static Inbound after(ChangeHash previous, ChangeChunk change) {
    var have = new SyncMessage.Have(List.of(previous), BloomFilter.of(List.of(change.hash()), 1));
    var message =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            List.of(change.hash()),
            List.of(),
            List.of(have),
            List.of(),
            null);
    return new Inbound(message, List.of(change), 100, 100);
  }

  private static Inbound at(List<ChangeHash> heads) {
    var have = new SyncMessage.Have(heads, BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), List.of(have), List.of(), null);
    return new Inbound(message, List.of(), 100, 100);
  }

  private WireMessage.Ephemeral ephemeral(FakePeer author, long count) {
    return new WireMessage.Ephemeral(
        author.id(), new PeerId("server"), id, new SessionId("s"), count, Bytes.ofHex("01"));
  }

  @Test
  @DisplayName(
      "[EP1] [EP2] an ephemeral message reaches the other peers once; only its target changes")
  void ephemerals() {
    document.receiveEphemeral(ada, ephemeral(ada, 1));
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    bob.received.clear();
    document.receiveEphemeral(ada, ephemeral(ada, 5));
    document.receiveEphemeral(ada, ephemeral(ada, 5));
    document.receiveEphemeral(ada, ephemeral(ada, 4));
    document.receiveEphemeral(ada, ephemeral(ada, 6));
    document.settle(0);
    assertEquals(2, bob.received.size());
    var first = (WireMessage.Ephemeral) bob.received.getFirst();
    assertEquals(
        new WireMessage.Ephemeral(ada.id(), bob.id(), id, new SessionId("s"), 5, Bytes.ofHex("01")),
        first);
    assertEquals(List.of(), ada.syncs());
  }

  @Test
  @DisplayName(
      "[EP1] the server's ephemeral messages carry its peer id and count in a session per document")
  void broadcasts() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    ada.received.clear();
    bob.received.clear();
    document.broadcast(Bytes.ofHex("01"));
    document.broadcast(Bytes.ofHex("02"));
    document.settle(0);
    for (var peer : List.of(ada, bob)) {
      for (var count = 1; count <= 2; count++) {
        assertEquals(
            new WireMessage.Ephemeral(
                new PeerId("server"),
                peer.id(),
                id,
                new SessionId("run-" + id.value()),
                count,
                Bytes.ofHex("0" + count)),
            peer.received.get(count - 1));
      }
      assertEquals(2, peer.received.size());
    }
    assertSame(ada.sharedParts.getLast(), bob.sharedParts.getLast(), "encoded once");
  }

  @Test
  @DisplayName(
      "[EP6] with many peers ephemeral messages are coalesced, and changes do not wait for them")
  void ephemeralsAreCoalescedAmongManyPeers() {
    var crowd = new ArrayList<FakePeer>();
    for (var i = 0; i < 64; i++) {
      var peer = new FakePeer("peer-" + i);
      crowd.add(peer);
      document.receive(peer, announcing(List.of()), 0);
    }
    document.settle(0);
    crowd.forEach(peer -> peer.received.clear());
    var author = crowd.getFirst();
    document.receiveEphemeral(author, ephemeral(author, 1));
    assertEquals(10_000_000, document.settle(1_000));
    document.receiveEphemeral(author, ephemeral(author, 2));
    assertEquals(9_999_000, document.settle(2_000));
    assertEquals(List.of(), crowd.get(1).received);
    document.receive(crowd.get(2), carrying(chain.get(0)), 3_000);
    document.settle(3_000);
    assertEquals(3, crowd.get(1).received.size(), "a change is sent with the waiting messages");
    assertEquals(List.of(), crowd.get(2).received, "its author receives only the acknowledgement");
    document.receiveEphemeral(author, ephemeral(author, 3));
    assertTrue(document.settle(10_001_000) > 10_000_000, "nothing waits any more");
    assertEquals(3, crowd.get(2).received.size());
    assertEquals(4, crowd.get(1).received.size());
  }

  @Test
  @DisplayName(
      "[EP5] when a peer disappears the server sends a goodbye for it in a session of its own")
  void goodbye() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.receiveEphemeral(ada, ephemeral(ada, 1));
    document.receiveEphemeral(bob, ephemeral(bob, 1));
    document.settle(0);
    bob.received.clear();
    document.leave(ada, true);
    document.settle(0);
    var goodbye = (WireMessage.Ephemeral) bob.received.getFirst();
    assertEquals(ada.id(), goodbye.senderId());
    assertFalse(goodbye.sessionId().equals(new SessionId("s")));
    assertEquals(
        new CborWriter().map(1).text("__presence").map(1).text("type").text("goodbye").toBytes(),
        goodbye.data());
    var carol = new FakePeer("carol");
    document.receive(carol, announcing(List.of()), 0);
    document.leave(bob, false);
    document.settle(0);
    assertTrue(carol.received.stream().noneMatch(WireMessage.Ephemeral.class::isInstance));
  }

  @Test
  @DisplayName("[AD6] the server's own changes reach observers at once and peers after the commit")
  void submissions() {
    document.receive(bob, announcing(List.of()), 0);
    var seen = new ArrayList<String>();
    document.observe(new Recording(seen));
    var done = new CompletableFuture<Void>();
    document.submit(List.of(chain.get(0), chain.get(1)), done);
    document.settle(0);
    assertEquals(List.of(), bob.syncs());
    assertFalse(done.isDone());
    committed(0);
    assertEquals(2, bob.syncs().getFirst().changes().size());
    assertTrue(done.isDone());
    var lacking = new CompletableFuture<Void>();
    document.submit(List.of(chain.get(4)), lacking);
    assertTrue(lacking.isCompletedExceptionally());
    assertEquals(List.of("opened 0", "joined bob", "changed 2 Server[]"), seen);
  }

  @Test
  @DisplayName("an observer receives the current changes and then every later change in order")
  void observers() {
    document.receive(ada, carrying(chain.get(0)), 0);
    var seen = new ArrayList<String>();
    var observer = new Recording(seen);
    document.observe(observer);
    document.receive(ada, carrying(chain.get(1)), 0);
    document.leave(ada, false);
    document.unobserve(observer);
    document.submit(List.of(chain.get(2)), new CompletableFuture<>());
    assertEquals(List.of("opened 1", "joined ada", "changed 1 ada", "left ada"), seen);
  }

  private record Recording(List<String> seen) implements DocumentObserver {
    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {
      seen.add("opened " + changes.size());
    }

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {
      var from =
          switch (origin) {
            case ChangeOrigin.Server server -> server.toString();
            case ChangeOrigin.FromPeer(var peer, _) -> peer.toString();
            case ChangeOrigin.FromNode node -> node.toString();
          };
      seen.add("changed " + changes.size() + " " + from);
    }

    @Override
    public void peerJoined(PeerId peer, Caller caller) {
      seen.add("joined " + peer);
    }

    @Override
    public void peerLeft(PeerId peer, Caller caller) {
      seen.add("left " + peer);
    }

    @Override
    public void failed(Throwable cause) {
      seen.add("failed");
    }
  }
}
