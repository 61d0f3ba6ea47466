package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.relay.config.FixedLimits;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests that a peer is sent heads that cover its changes only after their commit; without threads,
 * sockets or a clock.
 */
class AcknowledgementsTest extends DocumentFixture {

  /** A message of a peer that sends one change after a previous head. */
  private static InboundMessage changeAfter(ChangeHash previous, ChangeChunk change) {
    var have = new SyncMessage.Have(List.of(previous), BloomFilter.of(List.of(change.hash()), 1));
    var message =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            List.of(change.hash()),
            List.of(),
            List.of(have),
            List.of(),
            null);
    return new InboundMessage(message, List.of(change), 100, 100);
  }

  /** A message of a peer that has received everything up to these heads. */
  private static InboundMessage acknowledgement(List<ChangeHash> heads) {
    var have = new SyncMessage.Have(heads, BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), List.of(have), List.of(), null);
    return new InboundMessage(message, List.of(), 100, 100);
  }

  @Test
  @DisplayName(
      "[DU1] a reconnecting peer's uncommitted change is not acknowledged before its commit")
  void reconnectedAuthorWaitsForTheCommit() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    document.leave(ada, false);
    var reconnected = new FakePeer("ada");
    document.receive(reconnected, announcing(List.of(chain.get(0).hash())), 0);
    var dependentAuthor = new FakePeer("ada-2");
    document.receive(dependentAuthor, announcing(List.of(chain.get(1).hash())), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    assertEquals(List.of(), reconnected.takeSyncs());
    assertEquals(
        List.of(),
        dependentAuthor.takeSyncs(),
        "the change that it announced depends on an uncommitted change");
    assertEquals(
        List.of(chain.get(0).hash()),
        bob.takeSyncs().getFirst().heads(),
        "bob did not send the change");
    commitAppend(0);
    assertEquals(List.of(chain.get(0).hash()), reconnected.takeSyncs().getFirst().heads());
    assertEquals(List.of(chain.get(1).hash()), dependentAuthor.takeSyncs().getFirst().need());
  }

  @Test
  @DisplayName(
      "[DU1] a peer that announces a change, which another peer then sends, waits for its commit")
  void announcingPeerWaitsForTheCommit() {
    document.receive(ada, announcing(List.of(chain.get(0).hash())), 0);
    document.settle(0);
    assertEquals(List.of(chain.get(0).hash()), ada.takeSyncs().getFirst().need());
    document.receive(bob, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of(), ada.takeSyncs());
    commitAppend(0);
    assertEquals(List.of(chain.get(0).hash()), ada.takeSyncs().getFirst().heads());
  }

  @Test
  @DisplayName("[DU1] a peer is sent no heads that cover its own change before the commit")
  void authorWaitsForTheCommit() {
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of(), ada.takeSyncs());
    // Other peers receive it at once.
    assertEquals(List.of(chain.get(0).hash()), bob.takeSyncs().getFirst().heads());
    // Other events before the commit change nothing for Ada.
    document.receive(bob, announcing(List.of(chain.get(0).hash())), 0);
    document.submit(List.of(chain("server", 1).getFirst()), new CompletableFuture<>());
    document.settle(0);
    assertEquals(List.of(), ada.takeSyncs());
    commitAppend(0);
    // The server's own change is not on disk. Until its commit, no peer is sent a sync message.
    assertEquals(List.of(), ada.takeSyncs());
    commitAppend(1);
    assertEquals(2, ada.takeSyncs().getFirst().heads().size());
  }

  @Test
  @DisplayName(
      "[DU1] a newly attached peer that sends another peer's change waits for the same commit")
  void duplicateSenderWaitsForTheCommit() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(List.of(), bob.takeSyncs());
    commitAppend(0);
    assertEquals(1, bob.takeSyncs().size());
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
    assertEquals(List.of(), bob.takeSyncs());
    commitAppend(0);
    assertEquals(1, bob.takeSyncs().size());
  }

  @Test
  @DisplayName(
      "[DU1] the sender of a change that waited for a dependency waits for the commit of both")
  void sendersOfWaitingChangesWaitForTheCommit() {
    document.receive(ada, announcing(List.of(), chain.get(1)), 0); // announces no heads
    document.settle(0);
    ada.takeSyncs(); // discards the messages so far
    // Bob sends the missing dependency, and both changes are added.
    document.receive(bob, carrying(chain.get(0)), 0);
    document.settle(0);
    assertEquals(2, graph.size());
    assertEquals(List.of(), ada.takeSyncs(), "ada's change is not on disk");
    commitAppend(0);
    assertEquals(List.of(chain.get(1).hash()), ada.takeSyncs().getFirst().heads());
  }

  @Test
  @DisplayName(
      "[DU1] the deferred messages of a peer are limited; one more message closes its connection")
  void deferredMessagesAreLimited() {
    document.receive(ada, carrying(chain.get(0)), 1);
    document.settle(1);
    // Ada waits too long for this commit, so her further messages are deferred.
    var afterMaxWait = 1 + CommitWait.WAIT_NANOS_MAX + 1;
    for (var i = 0; i < FixedLimits.DEFERRED_MESSAGES_MAX; i++) {
      document.receive(ada, carrying(chain.get(1)), afterMaxWait);
    }
    document.settle(afterMaxWait);
    assertEquals(0, ada.closedWith);
    document.receive(ada, carrying(chain.get(1)), afterMaxWait);
    assertEquals(CloseCodes.OVERLOAD, ada.closedWith);
    assertEquals(1, graph.size());
  }

  @Test
  @DisplayName("[DU1] the commit of a later append does not acknowledge an earlier append")
  void laterCommitDoesNotAcknowledgeEarlierChanges() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    document.receive(bob, carrying(chain.get(0), chain.get(1)), 0);
    document.settle(0);
    assertEquals(List.of(0, 1), appendPositions);
    commitAppend(1);
    assertEquals(List.of(), ada.takeSyncs());
    assertEquals(List.of(), bob.takeSyncs());
    commitAppend(0);
    assertEquals(1, ada.takeSyncs().size());
    assertEquals(1, bob.takeSyncs().size());
  }

  @Test
  @DisplayName(
      "[DU1] after a failed append the document keeps relaying, retries and acknowledges nothing")
  void failedAppendIsRetriedAndNotAcknowledged() {
    document.receive(bob, announcing(List.of()), 0);
    document.receive(ada, carrying(chain.get(0)), 0);
    document.settle(0);
    document.appended(0, Optional.of(new IOException("full")), 0);
    assertTrue(document.settle(0) <= SECOND, "the next attempt is within a second");
    assertTrue(document.hasRefusedAppends());
    document.receive(ada, carrying(chain.get(1)), 0);
    document.settle(0);
    assertEquals(List.of(chain.get(1).hash()), bob.takeSyncs().getLast().heads());
    assertEquals(List.of(0), appendPositions);
    document.settle(SECOND);
    assertEquals(List.of(0, 0), appendPositions);
    assertEquals(List.of(), ada.takeSyncs());
    commitAppend(0);
    assertEquals(List.of(0, 0, 1), appendPositions);
    assertEquals(List.of(), ada.takeSyncs());
    commitAppend(1);
    assertFalse(document.hasRefusedAppends());
    assertEquals(List.of(chain.get(1).hash()), ada.takeSyncs().getFirst().heads());
  }

  @Test
  @DisplayName(
      "[DU1] a peer that writes faster than the disk commits gets an acknowledgement after each commit")
  void fastWriterIsAcknowledgedAfterEachCommit() {
    document.receive(ada, carrying(chain.get(0)), 1);
    document.settle(1);
    var afterMaxWait = 1 + CommitWait.WAIT_NANOS_MAX + 1;
    document.receive(ada, carrying(chain.get(1)), afterMaxWait);
    document.settle(afterMaxWait);
    assertEquals(1, graph.size(), "the second message is deferred");
    commitAppend(0);
    assertEquals(List.of(chain.get(0).hash()), ada.takeSyncs().getFirst().heads());
    assertEquals(2, graph.size());
    assertEquals(List.of(), ada.takeSyncs());
    commitAppend(1);
    assertEquals(List.of(chain.get(1).hash()), ada.takeSyncs().getFirst().heads());
  }

  @Test
  @DisplayName(
      "[SY5] each of many edits in a row reaches a reader and is acknowledged to its writer")
  void longRunOfEditsIsRelayedAndAcknowledged() {
    var changes = chain("long", 1_000);
    document.receive(ada, carrying(changes.get(0)), 0);
    document.settle(0);
    commitAppend(0);
    ada.takeSyncs();
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    for (var i = 1; i < changes.size(); i++) {
      var previousHead = changes.get(i - 1).hash();
      var heads = List.of(changes.get(i).hash());
      bob.takeSyncs(); // discards the messages before this edit
      document.receive(ada, changeAfter(previousHead, changes.get(i)), 0);
      document.settle(0);
      // Bob sent this message before the edit reached him.
      document.receive(bob, announcing(List.of(previousHead)), 0);
      document.settle(0);
      assertEquals(heads, bob.takeSyncs().getLast().heads(), "edit " + i);
      document.receive(bob, acknowledgement(heads), 0);
      document.settle(0);
      commitAppend(i);
      var acknowledged = ada.takeSyncs();
      assertEquals(heads, acknowledged.getLast().heads(), "edit " + i);
    }
  }
}
