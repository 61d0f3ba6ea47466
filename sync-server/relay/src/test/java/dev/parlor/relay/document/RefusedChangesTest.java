package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Admission;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests how the server treats a peer after it refused a change of that peer. */
class RefusedChangesTest {

  /** Strings longer than this are refused [AD3]. */
  private static final int STRING_MAX = 100;

  private static final long MILLI = 1_000_000;

  private final DocumentId id = DocumentId.of(Bytes.wrap(new byte[16]));
  private final Limits limits = limits();
  private final Metrics metrics = new Metrics();
  private final CheckedGraph checked =
      new CheckedGraph(new Admission(limits.changes()).operations());
  private final ChangeGraph graph = checked.graph();
  private final List<Integer> appends = new ArrayList<>();
  private final DocumentState document =
      new DocumentState(
          id,
          DocumentFixture.services(limits, metrics, () -> 0L),
          DocumentFixture.loaded(id, checked),
          (from, _) -> appends.add(from));

  private final FakePeer ada = new FakePeer("ada");
  private final FakePeer bob = new FakePeer("bob");

  private static Limits limits() {
    var defaults = Limits.defaults().changes();
    return Limits.defaults()
        .with(
            new Limits.Changes(
                defaults.bytesPerChangeMax(),
                defaults.bytesPerDocumentMax(),
                defaults.changesPerDocumentMax(),
                defaults.operationsPerChangeMax(),
                defaults.operationsPerDocumentMax(),
                STRING_MAX))
        .with(new Limits.Pending(3, 1 << 20, 10, 1 << 20));
  }

  /** One author's copy of a document. */
  private static final class Author implements AutoCloseable {
    final Replica replica;

    Author(String name) {
      replica = Replica.create(new ActorId(Bytes.utf8((name + " ".repeat(16)).substring(0, 16))));
    }

    ChangeChunk write(String key, String text) {
      var edit = new Edit.Put(Path.of(key), Value.of(text));
      return decoded(replica.transact(List.of(edit)).orElseThrow());
    }

    ChangeChunk tooLong() {
      return write("long", "x".repeat(STRING_MAX + 1));
    }

    void apply(ChangeChunk... changes) {
      for (var change : changes) {
        replica.apply(List.of(change.plain()));
      }
    }

    @Override
    public void close() {
      replica.close();
    }
  }

  private static ChangeChunk decoded(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  private static InboundMessage message(List<ChangeHash> heads, ChangeChunk... changes) {
    return unread(heads, List.of(), changes);
  }

  private static InboundMessage unread(
      List<ChangeHash> heads, List<DecodedChanges.Unread> unread, ChangeChunk... changes) {
    var have = new SyncMessage.Have(List.of(), BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), List.of(have), List.of(), null);
    return new InboundMessage(message, List.of(changes), 100, 100, List.of(changes.length), unread);
  }

  private void deliver(FakePeer from, ChangeChunk... changes) {
    var heads = List.of(changes[changes.length - 1].hash());
    document.receive(from, message(heads, changes), 0);
    step(0);
  }

  /** Settles and commits until no append is left. */
  private void step(long now) {
    do {
      document.settle(now);
      if (!appends.isEmpty()) {
        document.appended(appends.removeFirst(), Optional.empty(), now);
      }
    } while (!appends.isEmpty());
    document.settle(now);
  }

  private boolean counted(String metric) {
    return metrics.scrape().contains(metric + "\n");
  }

  @Test
  @DisplayName(
      "[AD3] [DU1] changes that depend on a refused change are dropped, not requested and not acknowledged")
  void followersAreDropped() {
    try (var author = new Author("ada");
        var other = new Author("bob")) {
      var first = author.write("title", "fine");
      deliver(ada, first);
      deliver(bob, first);
      other.apply(first);
      var refused = author.tooLong();
      var follower = author.write("title", "after it");
      var second = author.write("title", "after that");
      ada.takeSyncs();
      deliver(ada, refused, follower);
      deliver(ada, second);
      assertEquals(List.of("AD3"), ada.refusals);
      assertEquals(0, ada.closedWith);
      assertEquals(1, graph.size());
      assertTrue(counted("parlor_changes_dropped_total 2.0"));
      var bobs = other.write("title", "bob's");
      deliver(bob, bobs);
      for (var sync : ada.takeSyncs()) {
        assertEquals(List.of(), sync.need());
        assertTrue(sync.heads().stream().allMatch(graph::contains));
      }
      assertEquals(2, graph.size());
      assertEquals(0, document.describe(false).pending());
    }
  }

  @Test
  @DisplayName(
      "[AD3] a peer with a refused change still receives changes, and its other changes are admitted")
  void peerWithARefusedChangeKeepsSyncing() {
    try (var author = new Author("ada");
        var carol = new Author("carol");
        var other = new Author("bob")) {
      var first = author.write("title", "fine");
      deliver(ada, first);
      other.apply(first);
      deliver(ada, author.tooLong());
      ada.takeSyncs();
      var bobs = other.write("title", "bob's");
      deliver(bob, first, bobs);
      var syncs = ada.takeSyncs();
      assertEquals(List.of(bobs.plain()), syncs.getLast().changes());
      // Ada sends a change of Carol, which does not depend on the refused change.
      carol.apply(first);
      deliver(ada, carol.write("word", "carol's"));
      assertEquals(3, graph.size());
      assertEquals(List.of("AD3"), ada.refusals);
    }
  }

  @Test
  @DisplayName(
      "[AD3] if all changes of a document without content are refused, the peer is sent no more sync messages")
  void noMessagesAboutADocumentWithoutContent() {
    try (var author = new Author("ada")) {
      var refused = author.tooLong();
      document.receive(ada, message(List.of(refused.hash())), 0);
      step(0);
      assertEquals(List.of(refused.hash()), ada.takeSyncs().getFirst().need());
      deliver(ada, refused);
      deliver(ada, author.write("title", "after it"));
      for (var now = 0L; now < 60_000 * MILLI; now += 1_000 * MILLI) {
        step(now);
      }
      assertEquals(List.of(), ada.takeSyncs());
      assertEquals(List.of("AD3"), ada.refusals);
      // A request of another peer does not wait for the refused change.
      document.receive(bob, message(List.of()), 60_000 * MILLI);
      step(60_000 * MILLI);
      step(60_000 * MILLI + PendingRequests.REQUEST_NANOS_MAX);
      assertTrue(bob.received.getLast() instanceof WireMessage.DocUnavailable);
    }
  }

  @Test
  @DisplayName("[SY12] sync with a peer that has a refused change is never reset")
  void refusedChangeCausesNoReset() {
    try (var author = new Author("ada")) {
      deliver(ada, author.write("title", "fine"));
      deliver(ada, author.tooLong());
      ada.takeSyncs();
      for (var now = 0L; now < 120_000 * MILLI; now += 1_000 * MILLI) {
        step(now);
      }
      assertEquals(List.of(), ada.takeSyncs());
      assertTrue(counted("parlor_sync_started_over_total 0.0"));
    }
  }

  @Test
  @DisplayName("[SY7] changes that waited for a change are dropped when that change is refused")
  void waitingChangesOfARefusedChangeAreDropped() {
    try (var author = new Author("ada")) {
      deliver(ada, author.write("title", "fine"));
      var refused = author.tooLong();
      var follower = author.write("title", "after it");
      var last = author.write("title", "after that");
      deliver(ada, last);
      deliver(ada, follower);
      assertEquals(2, document.describe(false).pending());
      deliver(ada, refused);
      assertEquals(0, document.describe(false).pending());
      assertTrue(counted("parlor_changes_dropped_total 2.0"));
      ada.takeSyncs();
      deliver(ada, last);
      for (var sync : ada.takeSyncs()) {
        assertEquals(List.of(), sync.need(), "no dropped change is requested");
      }
    }
  }

  @Test
  @DisplayName("[AD3] a change too large to decode is identified by its checksum")
  void unreadChangeIsIdentifiedByItsChecksum() {
    try (var author = new Author("ada")) {
      deliver(ada, author.write("title", "fine"));
      var large = author.write("title", "too large to be read");
      var follower = author.write("title", "after it");
      deliver(ada, follower);
      assertEquals(1, document.describe(false).pending());
      var unread =
          new DecodedChanges.Unread(
              (int) (large.hash().a() >>> 32), "AD3", "the change is too large");
      document.receive(ada, unread(List.of(follower.hash()), List.of(unread)), 0);
      step(0);
      assertEquals(List.of("AD3"), ada.refusals);
      assertEquals(0, document.describe(false).pending());
      deliver(ada, author.write("title", "after that"));
      assertEquals(1, graph.size());
      assertEquals(0, document.describe(false).pending());
    }
  }

  @Test
  @DisplayName(
      "[AD3] after too many refused changes of a peer, its further changes are not decoded")
  void tooManyRefusalsStopDecoding() {
    for (var i = 0; i <= FixedLimits.REFUSED_CHANGES_MAX; i++) {
      assertFalse(ada.changesIgnored, "after " + i);
      try (var author = new Author("a" + i)) {
        deliver(ada, author.tooLong());
      }
    }
    assertTrue(ada.changesIgnored);
    assertEquals(0, ada.closedWith);
    // Heads that depend on unread changes are not requested.
    ada.takeSyncs();
    document.receive(ada, message(List.of(new ChangeHash(1, 2, 3, 4))), 0);
    step(0);
    assertEquals(List.of(), ada.takeSyncs());
  }

  @Test
  @DisplayName(
      "[SY7] waiting changes above the limit are refused, and requested again once there is space")
  void changesAboveThePendingLimitAreRequestedAgain() {
    try (var author = new Author("ada")) {
      var first = author.write("title", "0");
      var followers = new ArrayList<ChangeChunk>();
      for (var i = 1; i <= 5; i++) {
        followers.add(author.write("title", "" + i));
      }
      deliver(bob, first);
      var missing = followers.getFirst();
      document.receive(ada, message(List.of(followers.getLast().hash())), 0);
      step(0);
      ada.takeSyncs();
      deliver(ada, followers.subList(1, 5).toArray(ChangeChunk[]::new));
      assertEquals(List.of("SY7"), ada.refusals);
      assertEquals(0, ada.closedWith);
      deliver(ada, missing);
      assertEquals(5, graph.size());
      var wasReset =
          ada.received.stream()
              .anyMatch(
                  message ->
                      message instanceof WireMessage.Sync sync
                          && sync.data().equals(PeerSync.RESET_MESSAGE));
      assertTrue(wasReset, "sync is reset");
      deliver(ada, followers.getLast());
      assertEquals(6, graph.size());
    }
  }

  @Test
  @DisplayName(
      "[SY7] changes refused for lack of space are requested again when a change of the server frees space")
  void serversChangeFreesSpace() {
    try (var author = new Author("ada")) {
      var servers = author.write("title", "0");
      var followers = new ArrayList<ChangeChunk>();
      for (var i = 1; i <= 4; i++) {
        followers.add(author.write("title", "" + i));
      }
      document.receive(ada, message(List.of(followers.getLast().hash())), 0);
      step(0);
      deliver(ada, followers.toArray(ChangeChunk[]::new));
      assertEquals(List.of("SY7"), ada.refusals);
      ada.takeSyncs();
      document.submit(List.of(servers), new CompletableFuture<>());
      step(0);
      assertEquals(4, graph.size());
      assertEquals(List.of(), ada.takeSyncs().getFirst().heads(), "sync is reset");
      deliver(ada, followers.getLast());
      assertEquals(5, graph.size());
    }
  }

  @Test
  @DisplayName("[AD3] a refusal affects only the peer that sent the change")
  void refusalAffectsOnlyItsSender() {
    try (var author = new Author("ada")) {
      var first = author.write("title", "fine");
      var refused = author.tooLong();
      var follower = author.write("title", "after it");
      deliver(ada, first, refused, follower);
      deliver(bob, first, refused);
      assertEquals(List.of("AD3"), ada.refusals);
      assertEquals(List.of("AD3"), bob.refusals, "each sender is notified");
      // A peer that has received nothing still gets the changes that it lacks.
      var carol = new FakePeer("carol");
      deliver(carol, follower);
      assertEquals(1, document.describe(false).pending());
    }
  }
}
