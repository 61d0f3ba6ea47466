package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests when the server resets sync with a peer, with a manual clock. */
class StallDetectorTest {

  private static final int CHECK_MILLIS = 1_000;

  private final DocumentId id = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
  private final Limits limits = Limits.defaults().with(new Limits.StallDetection(CHECK_MILLIS));
  private final Metrics metrics = new Metrics();
  private final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);
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
  private final List<ChangeChunk> chain = chain();

  private static List<ChangeChunk> chain() {
    var changes = new ArrayList<ChangeChunk>();
    try (var replica = Replica.create(new ActorId(Bytes.wrap(new byte[16])))) {
      for (var i = 0; i < 6; i++) {
        var edit = new Edit.Put(Path.of("k"), new Value.Int(i));
        var chunk = replica.transact(List.of(edit)).orElseThrow();
        changes.add(ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow());
      }
    }
    return changes;
  }

  /** The heads of a peer that has the changes up to this one. */
  private List<ChangeHash> headsAt(int change) {
    return List.of(chain.get(change).hash());
  }

  private void receive(FakePeer peer, long millis, List<ChangeHash> heads, ChangeChunk... changes) {
    var have = new SyncMessage.Have(List.of(), BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), List.of(have), List.of(), null);
    document.receive(
        peer, new InboundMessage(message, List.of(changes), 100, 100), millis * 1_000_000);
    settle(millis);
  }

  /** Returns the milliseconds until the next step. */
  private long settle(long millis) {
    var wait = document.settle(millis * 1_000_000);
    return wait == Long.MAX_VALUE ? wait : wait / 1_000_000;
  }

  private void commitAll(long millis) {
    appends.forEach(from -> document.appended(from, Optional.empty(), millis * 1_000_000));
    appends.clear();
    settle(millis);
  }

  /** Lets Ada write the first change and Bob receive it. */
  private void converge() {
    receive(ada, 0, headsAt(0), chain.get(0));
    commitAll(0);
    receive(bob, 0, headsAt(0));
    ada.takeSyncs();
    bob.takeSyncs();
  }

  /** The times in milliseconds at which sync with this peer is reset. */
  private List<Long> resets(FakePeer peer, long from, long to) {
    var times = new ArrayList<Long>();
    for (var millis = from; millis < to; millis += 100) {
      settle(millis);
      if (peer.takeSyncs().stream().anyMatch(message -> message.heads().isEmpty())) {
        times.add(millis);
      }
    }
    return times;
  }

  @Test
  @DisplayName(
      "[SY12] if all peers agree, the document is checked once, sends nothing and needs no step")
  void agreementCostsOneCheck() {
    converge();
    assertEquals(CHECK_MILLIS, settle(0));
    assertEquals(CHECK_MILLIS - 1, settle(1));
    assertEquals(Long.MAX_VALUE, settle(CHECK_MILLIS));
    assertEquals(Long.MAX_VALUE, settle(1_000 * CHECK_MILLIS));
    assertEquals(List.of(), ada.takeSyncs());
    assertEquals(List.of(), bob.takeSyncs());
  }

  @Test
  @DisplayName(
      "[SY12] if a peer lacks changes and does not answer, sync with it is reset at doubling intervals")
  void resetsBackOff() {
    converge();
    receive(ada, 0, headsAt(1), chain.get(1));
    commitAll(0);
    assertEquals(1, bob.takeSyncs().size(), "the message, which is lost");
    assertEquals(List.of(2_000L, 4_000L, 8_000L, 16_000L, 32_000L), resets(bob, 100, 60_000));
    assertEquals(
        List.of(headsAt(1)), ada.takeSyncs().stream().map(SyncMessage::heads).distinct().toList());
    assertTrue(metrics.scrape().contains("parlor_sync_started_over_total 5.0\n"));
  }

  @Test
  @DisplayName(
      "[SY12] a peer that answers a reset is sent its missing changes; the next reset interval is short again")
  void resetPeerIsServedAfterItsAnswer() {
    converge();
    receive(ada, 0, headsAt(1), chain.get(1));
    commitAll(0);
    bob.takeSyncs();
    assertEquals(List.of(2_000L), resets(bob, 100, 3_000));
    receive(bob, 3_000, headsAt(0));
    assertEquals(List.of(chain.get(1).plain()), bob.takeSyncs().getFirst().changes());
    receive(bob, 3_000, headsAt(1));
    settle(4_000);
    assertEquals(Long.MAX_VALUE, settle(4_000));
    receive(ada, 10_000, headsAt(2), chain.get(2));
    commitAll(10_000);
    bob.takeSyncs();
    assertEquals(
        List.of(12_000L, 14_000L), resets(bob, 10_100, 16_000), "the interval is short again");
  }

  @Test
  @DisplayName("[SY12] sync is reset if a peer keeps sending but never the requested changes")
  void peerThatNeverSendsItsChangesIsReset() {
    converge();
    assertEquals(Long.MAX_VALUE, settle(CHECK_MILLIS));
    for (var i = 2; i < 6; i++) {
      receive(ada, i * 700L, headsAt(i), chain.get(i)); // the message with change 1 was lost
    }
    assertEquals(1, graph.size());
    assertTrue(
        ada.takeSyncs().stream().anyMatch(message -> message.need().containsAll(headsAt(1))));
    assertEquals(List.of(3_800L), resets(ada, 3_600, 4_000), "at the second check");
    receive(ada, 4_000, headsAt(5));
    var requested = ada.takeSyncs().getFirst().need();
    assertTrue(requested.containsAll(headsAt(1)), "the missing change is requested again");
    receive(ada, 4_100, headsAt(5), chain.get(1));
    assertEquals(6, graph.size());
    commitAll(4_100);
    receive(ada, 4_200, headsAt(5));
    receive(bob, 4_200, headsAt(5));
    assertEquals(List.of(), resets(ada, 4_300, 100_000));
  }

  @Test
  @DisplayName("[SY12] a slow peer that makes progress between two checks is not reset")
  void slowPeerIsNotReset() {
    converge();
    for (var i = 1; i < 6; i++) {
      receive(ada, i * 900L, headsAt(i), chain.get(i));
      commitAll(i * 900L);
      receive(bob, i * 900L + 800, headsAt(i - 1)); // always one change behind
    }
    assertTrue(metrics.scrape().contains("parlor_sync_started_over_total 0.0\n"));
  }

  @Test
  @DisplayName(
      "[SY12] a peer that waits for a slow commit is not reset before it has been answered")
  void heldBackPeerIsNotReset() {
    converge();
    receive(ada, 0, headsAt(1), chain.get(1));
    receive(bob, 0, headsAt(2), chain.get(2));
    assertEquals(List.of(), resets(ada, 100, 60_000));
    commitAll(60_000);
    assertEquals(headsAt(2), ada.takeSyncs().getFirst().heads());
    assertEquals(List.of(61_000L), resets(ada, 60_100, 62_900), "because the message was lost");
  }

  @Test
  @DisplayName("[SY12] a peer with unsent frames counts as slow and is not reset")
  void peerWithUnsentFramesIsNotReset() {
    converge();
    receive(ada, 0, headsAt(1), chain.get(1));
    commitAll(0);
    bob.takeSyncs();
    var another = new WireMessage.DocUnavailable(new PeerId("server"), bob.id(), id);
    bob.offer(WireCodec.encode(another), Bytes.EMPTY); // not flushed
    assertEquals(List.of(), resets(bob, 100, 60_000));
    bob.flush();
    assertEquals(List.of(61_000L), resets(bob, 60_000, 62_900));
  }

  @Test
  @DisplayName(
      "[SY12] [DU1] after a reset, a peer still waits for the commit of changes that it announced before")
  void announcingPeerIsStillHeldBack() {
    receive(ada, 0, headsAt(0)); // the message with the change is lost
    ada.takeSyncs();
    assertEquals(List.of(2_000L), resets(ada, 100, 3_000));
    receive(bob, 3_000, headsAt(0), chain.get(0));
    assertEquals(List.of(), ada.takeSyncs());
    receive(ada, 3_000, headsAt(0));
    assertEquals(List.of(), ada.takeSyncs(), "the change is not on disk");
    commitAll(3_100);
    assertEquals(headsAt(0), ada.takeSyncs().getFirst().heads());
  }
}
