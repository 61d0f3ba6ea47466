package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Admission;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests when a document publishes messages to other nodes. Each test delivers the messages between
 * nodes itself.
 */
class DocumentReplicationTest {
  private static final long MILLI = 1_000_000L;
  private static final DocumentId ID =
      DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));

  private final MemoryChangeStore tables = new MemoryChangeStore(new StorageId("tables"));
  private final Limits limits = Limits.defaults();

  /** The document on one node, and the sync messages that it published. */
  private final class Node implements NodeBus.Channel {
    final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);
    final List<SyncMessage> sent = new ArrayList<>();
    final DocumentState document;

    Node() {
      this(DocumentReplicationTest.this.limits);
    }

    Node(Limits limits) {
      document =
          new DocumentState(
              ID,
              DocumentFixture.services(limits, new Metrics(), () -> 0L),
              new DocumentLoader.Loaded(
                  checked,
                  new ReservedKeyPolicy(checked.index()),
                  new ActorOwners(
                      ID,
                      tables.table("authors"),
                      true,
                      () -> CompletableFuture.completedFuture(null),
                      () -> 0),
                  null),
              (_, _) -> {},
              this,
              0);
      checked.limit(new Admission(limits.changes()).operations());
      document.settle(0);
      sent.clear(); // removes the first announcement
    }

    @Override
    public void publish(Bytes frame) {
      if (WireCodec.decode(frame).orElseThrow() instanceof WireMessage.Sync sync) {
        sent.add(SyncMessageCodec.decode(sync.data(), SyncLimits.DEFAULT).orElseThrow());
      }
    }

    @Override
    public void close() {}

    void deliver(FakePeer from, ChangeChunk... changes) {
      var have = new SyncMessage.Have(List.of(), BloomFilter.of(List.of(), 0));
      var heads = List.of(changes[changes.length - 1].hash());
      document.receive(from, inbound(heads, List.of(have), changes), 0);
      document.settle(0);
    }

    /** Delivers a message from another node. */
    void deliverFromNode(List<ChangeHash> heads, ChangeChunk... changes) {
      document.receiveFromNode(inbound(heads, List.of(), changes));
    }

    private InboundMessage inbound(
        List<ChangeHash> heads, List<SyncMessage.Have> have, ChangeChunk... changes) {
      var message =
          new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), have, List.of(), null);
      return new InboundMessage(message, List.of(changes), 100, 100);
    }

    int size() {
      return checked.graph().size();
    }
  }

  private final Node left = new Node();
  private final Node right = new Node();
  private final FakePeer ada = peer("tab-1", "ada");
  private final FakePeer mallory = peer("tab-2", "mallory");
  private final List<ChangeChunk> titles = titles();

  private static FakePeer peer(String name, String identity) {
    return new FakePeer(name, new Caller(Optional.of(identity), Role.PLAYER, Optional.of(ID)));
  }

  private static List<ChangeChunk> titles() {
    return titles("title");
  }

  /** Three changes of the title in sequence, always by the same actor. */
  private static List<ChangeChunk> titles(String text) {
    var changes = new ArrayList<ChangeChunk>();
    try (var replica = Replica.create(new ActorId(Bytes.wrap(new byte[16])))) {
      for (var i = 0; i < 3; i++) {
        var edit = new Edit.Put(Path.of("title"), Value.text(text + " " + i));
        changes.add(decoded(replica.transact(List.of(edit)).orElseThrow()));
      }
    }
    return changes;
  }

  private static ChangeChunk decoded(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  /** The change as the only head. */
  private static List<ChangeHash> headOf(ChangeChunk change) {
    return List.of(change.hash());
  }

  @Test
  @DisplayName("[DU1] the server's own change is sent to other nodes only after its commit")
  void serversChangesReachNodesAfterTheCommit() {
    left.document.submit(List.of(titles.get(0)), new CompletableFuture<>());
    left.document.settle(0);
    assertEquals(List.of(), left.sent);
    left.document.appended(0, Optional.empty(), 0);
    left.document.settle(0);
    assertEquals(1, left.sent.size());
    assertEquals(1, left.sent.getFirst().changes().size());
  }

  @Test
  @DisplayName("a peer's change is sent to other nodes before its commit")
  void peersChangesReachNodesAtOnce() {
    left.deliver(ada, titles.get(0));
    assertEquals(1, left.sent.size());
    assertEquals(headOf(titles.get(0)), left.sent.getFirst().heads());
  }

  @Test
  @DisplayName("[AD4] an actor belongs to the identity that first delivered it on any node")
  void actorBelongsToItsFirstIdentityOnEveryNode() {
    left.deliver(ada, titles.get(0));
    // The right node does not have the change yet.
    right.deliver(mallory, titles.get(0));
    assertEquals(0, right.size());
    right.deliverFromNode(headOf(titles.get(0)), titles.get(0));
    right.document.settle(0);
    right.deliver(mallory, titles.get(1));
    assertEquals(1, right.size(), "the change is ignored");
    assertEquals(0, mallory.closedWith, "he may have received it from the left node");
    right.deliver(peer("tab-3", "ada"), titles.get(1));
    assertEquals(2, right.size());
    // Mallory is not refused even after the author was connected here, because she may have sent
    // later changes to another node.
    right.deliver(mallory, titles.get(2));
    assertEquals(2, right.size());
    assertEquals(0, mallory.closedWith);
  }

  @Test
  @DisplayName("a node does not request a change again that it could not add")
  void inadmissibleChangeIsNotRequestedAgain() {
    // The first change of the same actor, made on the other side of a network partition.
    var other = titles("another title").getFirst();
    left.deliver(ada, titles.get(0));
    left.deliverFromNode(headOf(other), other);
    left.document.settle(0);
    assertEquals(1, left.size());
    left.sent.clear();
    for (var at = 0; at < 60_000; at += 250) {
      left.deliverFromNode(headOf(other));
      left.document.settle(at * MILLI);
    }
    assertTrue(
        left.sent.stream().allMatch(message -> message.need().isEmpty()),
        "the change is not requested");
  }

  @Test
  @DisplayName(
      "a node does not request a change again that waited for a dependency and then could not be added")
  void inadmissibleWaitingChangeIsNotRequestedAgain() {
    ChangeChunk dependency;
    ChangeChunk waiting;
    try (var other = Replica.create(new ActorId(Bytes.wrap(new byte[] {7, 7, 7, 7})));
        var replica = Replica.create(new ActorId(Bytes.wrap(new byte[16])))) {
      var title = List.<Edit>of(new Edit.Put(Path.of("title"), Value.text("other")));
      dependency = decoded(other.transact(title).orElseThrow());
      replica.apply(List.of(dependency.plain()));
      waiting = decoded(replica.transact(title).orElseThrow());
    }
    left.deliverFromNode(headOf(waiting), waiting);
    left.document.settle(0);
    // The first change of the same actor, made on this side of a network partition.
    left.deliver(ada, titles.get(0));
    left.deliverFromNode(headOf(waiting), dependency);
    left.document.settle(0);
    assertEquals(2, left.size());
    left.sent.clear();
    for (var at = 0; at < 60_000; at += 250) {
      left.document.settle(at * MILLI);
    }
    assertTrue(
        left.sent.stream().allMatch(message -> message.need().isEmpty()),
        "the change is not requested");
  }

  @Test
  @DisplayName("if changes are split into several messages, only the last message contains heads")
  void onlyTheLastMessageContainsHeads() {
    var small = new Node(limits.with(new Limits.Nodes(1, 250, 10_000, 10_000)));
    small.deliver(ada, titles.get(0), titles.get(1), titles.get(2));
    assertEquals(
        List.of(List.of(), List.of(), headOf(titles.get(2))),
        small.sent.stream().map(SyncMessage::heads).toList());
    assertTrue(small.sent.stream().allMatch(message -> message.changes().size() == 1));
  }

  @Test
  @DisplayName(
      "[AD3] another node's change is checked against the limits for stored changes, not the limits for peers")
  void nodesChangesObeyStorageLimits() {
    var changes =
        new Limits.Changes(1 << 20, 1 << 20, 100, 3, 1_000, 1_000); // 3 operations in a change
    var strict = new Node(limits.with(changes));
    var long1 = titles("long").getFirst(); // a text has more than 3 operations
    left.deliver(ada, long1);
    strict.deliverFromNode(headOf(long1), long1);
    assertEquals(1, strict.size());
    var long2 = titles("long").get(1);
    strict.deliver(ada, long2);
    assertEquals(1, strict.size());
    assertEquals(List.of("AD3"), ada.refusals);
  }

  @Test
  @DisplayName("[AD6] a change that another node admitted is not checked against roles again")
  void rolesAreNotCheckedAgain() {
    var edit = new Edit.Put(Path.of(ReservedKeyPolicy.RESERVED), Value.of(1));
    ChangeChunk servers;
    try (var replica = Replica.create(new ActorId(Bytes.wrap(new byte[] {7, 7, 7, 7})))) {
      servers = decoded(replica.transact(List.of(edit)).orElseThrow());
    }
    right.deliver(mallory, servers);
    assertEquals(0, right.size());
    assertEquals(List.of("AD6"), mallory.refusals);
    right.deliverFromNode(headOf(servers), servers);
    assertEquals(1, right.size());
  }

  @Test
  @DisplayName("a request is repeated after pauses that double; heads are announced periodically")
  void requestsBackOffAndAnnouncementsRepeat() {
    left.deliverFromNode(headOf(titles.get(0)));
    left.document.settle(0);
    assertEquals(1, left.sent.size());
    assertEquals(headOf(titles.get(0)), left.sent.getFirst().need());
    var requestedAt = new ArrayList<Long>();
    for (var at = 10L; at < 4_000; at += 10) {
      left.sent.clear();
      left.document.settle(at * MILLI);
      if (!left.sent.isEmpty()) {
        requestedAt.add(at);
      }
    }
    assertEquals(List.of(250L, 750L, 1_750L, 3_750L), requestedAt);
    left.deliverFromNode(headOf(titles.get(0)), titles.get(0));
    left.sent.clear();
    left.document.settle(9_000 * MILLI);
    assertEquals(
        List.of(),
        left.sent,
        "the change is here, and other nodes' changes are not published again");
    left.document.settle(10_000 * MILLI);
    assertEquals(headOf(titles.get(0)), left.sent.getFirst().heads(), "an announcement");
    assertTrue(left.sent.getFirst().changes().isEmpty());
  }

  @Test
  @DisplayName("a change named in a request is sent even if the request's filter contains it")
  void namedChangesAreSentDespiteTheFilter() {
    left.deliver(ada, titles.get(0), titles.get(1), titles.get(2));
    left.sent.clear();
    // The filter contains all changes, although the requesting node lacks the named one: a false
    // positive.
    var hashes = titles.stream().map(ChangeChunk::hash).toList();
    var have = new SyncMessage.Have(List.of(), BloomFilter.of(hashes, 3));
    var otherHeads = List.of(new ChangeHash(1, 2, 3, 4));
    var named = List.of(titles.get(1).hash());
    var request =
        new SyncMessage(
            SyncMessage.Kind.CHANGES, otherHeads, named, List.of(have), List.of(), null);
    left.document.receiveFromNode(new InboundMessage(request, List.of(), 100, 100));
    left.document.settle(0);
    assertEquals(List.of(titles.get(1).plain()), left.sent.getFirst().changes());
  }

  @Test
  @DisplayName(
      "a new announcement triggers a request at once, even within the pause of an earlier one")
  void newAnnouncementIsRequestedAtOnce() {
    left.deliverFromNode(headOf(titles.get(0)));
    left.document.settle(0);
    left.document.settle(MILLI);
    assertEquals(1, left.sent.size());
    left.deliverFromNode(headOf(titles.get(0)));
    left.document.settle(2 * MILLI);
    assertEquals(2, left.sent.size());
    assertEquals(headOf(titles.get(0)), left.sent.getLast().need());
  }

  @Test
  @DisplayName(
      "[DU1] a peer that moves to another node gets no acknowledgement there before the commit")
  void changeIsNotAcknowledgedOnANewNodeBeforeTheCommit() {
    left.document.receive(ada, left.inbound(headOf(titles.get(0)), List.of()), 0);
    left.document.settle(0);
    ada.takeSyncs();
    left.deliverFromNode(headOf(titles.get(0)), titles.get(0));
    left.document.settle(0);
    assertEquals(
        List.of(), ada.takeSyncs(), "the change came over the bus and is not committed here");
    left.document.appended(0, Optional.empty(), 0);
    left.document.settle(0);
    assertEquals(headOf(titles.get(0)), ada.takeSyncs().getFirst().heads());
  }

  @Test
  @DisplayName(
      "an announcement with fewer changes is answered with heads, one with more with a request, an equal one not at all")
  void answerToAnAnnouncementDependsOnItsHeads() {
    left.deliver(ada, titles.get(0), titles.get(1));
    left.sent.clear();
    left.deliverFromNode(headOf(titles.get(0)));
    left.document.settle(0);
    assertEquals(headOf(titles.get(1)), left.sent.getFirst().heads());
    assertFalse(left.sent.getFirst().changes().size() > 0);
    left.sent.clear();
    left.deliverFromNode(headOf(titles.get(1)));
    left.document.settle(0);
    assertEquals(List.of(), left.sent);
    left.deliverFromNode(headOf(titles.get(2)));
    left.document.settle(0);
    assertEquals(headOf(titles.get(2)), left.sent.getFirst().need());
  }
}
