package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests the rules of a document without threads, sockets or a clock: calls its commands, and checks
 * its frames and appends. Acknowledgements, portions and ephemeral messages have their own tests.
 */
class DocumentStateTest extends DocumentFixture {

  @Test
  @DisplayName("a document with the maximum number of peers refuses another peer until one leaves")
  void theNumberOfPeersIsLimited() {
    var peers = new ArrayList<FakePeer>();
    for (var i = 0; i < limits.documents().peersMax(); i++) {
      peers.add(new FakePeer("peer-" + i));
      document.receive(peers.getLast(), announcing(List.of()), 0);
    }
    assertEquals(0, peers.getLast().closedWith);
    document.receive(ada, announcing(List.of()), 0);
    assertEquals(List.of("room"), ada.refusals);
    assertEquals(0, ada.closedWith, "the connection may open other documents");
    assertInstanceOf(WireMessage.DocUnavailable.class, ada.received.getLast());
    var guest = new FakePeer("guest", new Caller(Optional.empty(), Role.PLAYER, Optional.of(id)));
    document.receive(guest, announcing(List.of()), 0);
    assertEquals(
        CloseCodes.OVERLOAD, guest.closedWith, "the connection is scoped to this document");
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
  @DisplayName("[SY6] peers in the same sync state receive the same encoded frame")
  void framesAreShared() {
    var carol = new FakePeer("carol");
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    commitAppend(0);
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
  @DisplayName("[SY6] changes that arrive in one step are sent in one message")
  void changesOfOneStepAreSentTogether() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    commitAppend(0);
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.settle(0);
    bob.takeSyncs();
    for (var i = 1; i < 6; i++) {
      document.receive(ada, carrying(chain.get(i)), 0);
    }
    document.settle(0);
    var syncs = bob.takeSyncs();
    assertEquals(1, syncs.size());
    assertEquals(5, syncs.getFirst().changes().size());
    assertEquals(List.of(0, 1), appendPositions);
  }

  @Test
  @DisplayName(
      "[SY9] a request for a document without content is answered once after a delay; later changes are sent")
  void requestIsAnsweredOnce() {
    document.receive(ada, announcing(List.of()), 0);
    assertEquals(PendingRequests.REQUEST_NANOS_MAX, document.settle(0));
    assertEquals(List.of(), ada.received);
    document.settle(PendingRequests.REQUEST_NANOS_MAX);
    assertInstanceOf(WireMessage.DocUnavailable.class, ada.received.removeFirst());
    document.receive(ada, announcing(List.of()), SECOND);
    document.settle(2 * SECOND);
    assertEquals(List.of(), ada.received);
    document.receive(bob, carrying(chain.get(0)), 3 * SECOND);
    document.settle(3 * SECOND);
    assertEquals(List.of(chain.get(0).hash()), ada.takeSyncs().getFirst().heads());
  }

  @Test
  @DisplayName("[SY8] a request waits while changes that another peer announced are missing")
  void requestWaitsForAnnouncedChanges() {
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.receive(ada, announcing(List.of()), 0);
    document.settle(0);
    assertEquals(List.of(chain.get(0).hash()), bob.takeSyncs().getFirst().need());
    document.settle(SECOND);
    assertEquals(List.of(), ada.received);
    document.receive(bob, carrying(chain.get(0)), SECOND);
    document.settle(SECOND);
    var syncs = ada.takeSyncs();
    assertEquals(1, syncs.size());
    assertEquals(List.of(chain.get(0).hash()), syncs.getFirst().heads());
  }

  @Test
  @DisplayName(
      "[SY8] a request stops waiting when the announcing peer leaves or the time limit is reached")
  void requestStopsWaiting() {
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.receive(ada, announcing(List.of()), 0);
    document.settle(0);
    document.leave(bob, false);
    document.settle(SECOND);
    assertInstanceOf(WireMessage.DocUnavailable.class, ada.received.removeFirst());
    var carol = new FakePeer("carol");
    document.receive(bob, announcing(List.of(chain.get(0).hash())), SECOND);
    document.receive(carol, announcing(List.of()), SECOND);
    var waitMax = limits.documents().holdBackMillisMax() * 1_000_000L;
    assertEquals(waitMax, document.settle(SECOND));
    document.settle(SECOND + waitMax);
    assertInstanceOf(WireMessage.DocUnavailable.class, carol.received.removeFirst());
  }

  @Test
  @DisplayName(
      "[SY7] changes that lack a dependency wait; the server requests the dependency and adds all in order")
  void missingDependencies() {
    document.receive(bob, announcing(List.of()), 0);
    document.receive(ada, carrying(chain.get(1), chain.get(2)), 0);
    document.settle(0);
    assertEquals(0, graph.size());
    assertTrue(ada.takeSyncs().getFirst().need().contains(chain.get(0).hash()));
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(3, graph.size());
    assertEquals(List.of(chain.get(2).hash()), graph.heads());
    assertEquals(List.of(), ada.takeSyncs());
    assertEquals(3, bob.takeSyncs().getFirst().changes().size());
    commitAppend(0);
    assertEquals(List.of(chain.get(2).hash()), ada.takeSyncs().getFirst().heads());
  }

  @Test
  @DisplayName("[AD5] a spectator's change is refused and the document is unchanged")
  void spectatorsChangeIsRefused() {
    var spectator =
        new FakePeer("eve", new Caller(Optional.empty(), Role.SPECTATOR, Optional.of(id)));
    document.receive(spectator, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of("AD5"), spectator.refusals);
    assertEquals(0, graph.size());
  }

  @Test
  @DisplayName("[HS4] the same peer id on a newer connection starts with a clean state")
  void newerConnectionStartsClean() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    commitAppend(0);
    var newer = new FakePeer("ada");
    document.receive(newer, announcing(List.of()), 0);
    document.settle(0);
    assertEquals(1, newer.takeSyncs().getFirst().changes().size());
    ada.received.clear();
    document.receive(ada, carrying(chain.get(1)), 0);
    document.leave(ada, true);
    document.settle(0);
    assertEquals(List.of(), ada.received);
  }

  @Test
  @DisplayName("[AD6] the server's own changes reach observers at once and peers after the commit")
  void ownChanges() {
    document.receive(bob, announcing(List.of()), 0);
    var events = new ArrayList<String>();
    document.observe(new RecordingObserver(events));
    var done = new CompletableFuture<Void>();
    document.submit(List.of(chain.get(0), chain.get(1)), done);
    document.settle(0);
    assertEquals(List.of(), bob.takeSyncs());
    assertFalse(done.isDone());
    commitAppend(0);
    assertEquals(2, bob.takeSyncs().getFirst().changes().size());
    assertTrue(done.isDone());
    var withoutDependency = new CompletableFuture<Void>();
    document.submit(List.of(chain.get(4)), withoutDependency);
    assertTrue(withoutDependency.isCompletedExceptionally());
    assertEquals(List.of("opened 0", "joined bob", "changed 2 Server[]"), events);
  }

  @Test
  @DisplayName(
      "[AD5] a change of the server on behalf of a spectator is refused, of a player added")
  void changesOnBehalfAreAdmittedAsTheirAuthors() {
    var spectator = new Caller(Optional.of("eve"), Role.SPECTATOR, Optional.empty());
    var refused = new CompletableFuture<Void>();
    document.submit(List.of(chain.get(0)), Optional.of(spectator), refused);
    var problem = assertThrows(CompletionException.class, refused::join);
    assertEquals("AD5", assertInstanceOf(SubmissionException.class, problem.getCause()).rule());
    var added = new CompletableFuture<Void>();
    var player = new Caller(Optional.of("ann"), Role.PLAYER, Optional.empty());
    document.submit(List.of(chain.get(0)), Optional.of(player), added);
    document.settle(0);
    commitAppend(0);
    assertTrue(added.isDone());
    assertFalse(added.isCompletedExceptionally());
  }

  @Test
  @DisplayName("an observer receives the current changes and then every later change in order")
  void observerReceivesChangesInOrder() {
    document.receive(ada, carrying(chain.get(0)), 0);
    var events = new ArrayList<String>();
    var observer = new RecordingObserver(events);
    document.observe(observer);
    document.receive(ada, carrying(chain.get(1)), 0);
    document.leave(ada, false);
    document.unobserve(observer);
    document.submit(List.of(chain.get(2)), new CompletableFuture<>());
    assertEquals(List.of("opened 1", "joined ada", "changed 1 ada", "left ada"), events);
  }

  private record RecordingObserver(List<String> events) implements DocumentObserver {
    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {
      events.add("opened " + changes.size());
    }

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {
      var from =
          switch (origin) {
            case ChangeOrigin.Server server -> server.toString();
            case ChangeOrigin.FromPeer(var peer, _, _) -> peer.toString();
            case ChangeOrigin.FromNode node -> node.toString();
          };
      events.add("changed " + changes.size() + " " + from);
    }

    @Override
    public void peerJoined(PeerId peer, Caller caller) {
      events.add("joined " + peer);
    }

    @Override
    public void peerLeft(PeerId peer, Caller caller) {
      events.add("left " + peer);
    }

    @Override
    public void failed(Throwable cause) {
      events.add("failed");
    }
  }
}
