package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.SyntheticChanges;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.SyncMessage.Have;
import dev.parlor.crdt.sync.SyncMessage.Kind;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Messages that no honest peer sends, for a document with a long history. The tests measure
 * allocated bytes instead of time, since they do not depend on the machine's load.
 */
class HostilePeerTest {

  private static final int HISTORY_LENGTH = 50_000;
  private static final SyntheticChanges CHANGES = SyntheticChanges.chain(11, HISTORY_LENGTH + 100);

  private static ChangeGraph graph() {
    var graph = new ChangeGraph();
    CHANGES.changes().subList(0, HISTORY_LENGTH).forEach(graph::offer);
    return graph;
  }

  private static List<ChangeHash> unknown(int count) {
    var random = new Random(3);
    var hashes = new ArrayList<ChangeHash>();
    for (var i = 0; i < count; i++) {
      hashes.add(new ChangeHash(random.nextLong(), 0, 0, 0));
    }
    return hashes;
  }

  private static SyncMessage message(
      List<ChangeHash> heads, List<ChangeHash> need, List<Have> have) {
    return new SyncMessage(Kind.CHANGES, heads, need, have, List.of(), null);
  }

  private static long allocatedBy(Runnable work) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** A peer in sync with the graph. */
  private static PeerSync syncedPeer(ChangeGraph graph, SyncEncoder encoder) {
    var peer = new PeerSync(graph);
    peer.received(
        message(graph.heads(), List.of(), List.of(new Have(graph.heads(), BloomFilter.EMPTY))));
    peer.next(encoder, List.of());
    return peer;
  }

  @Test
  @DisplayName("[SY5] if there is nothing to send, asking for the next message allocates no memory")
  void idlePeerAllocatesNothing() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peer = syncedPeer(graph, encoder);
    Runnable callNext =
        () -> {
          for (var i = 0; i < 10_000; i++) {
            if (peer.next(encoder, List.of()).isPresent()) {
              throw new AssertionError("there is nothing to send");
            }
          }
        };
    callNext.run();
    var allocated = allocatedBy(callNext);
    assertTrue(allocated < 10_000, allocated + " bytes for 10,000 calls");
  }

  @Test
  @DisplayName("[SY6] one change to two hundred peers is encoded once")
  void oneChangeToManyPeersIsEncodedOnce() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peers = new ArrayList<PeerSync>();
    for (var i = 0; i < 200; i++) {
      peers.add(syncedPeer(graph, encoder));
    }
    graph.offer(CHANGES.changes().get(HISTORY_LENGTH));
    var message = peers.getFirst().next(encoder, List.of()).orElseThrow();
    Consumer<List<PeerSync>> sendToAll =
        receivers -> {
          for (var peer : receivers) {
            assertSame(message, peer.next(encoder, List.of()).orElseThrow());
          }
        };
    sendToAll.accept(peers.subList(1, 100)); // loads the classes
    var allocated = allocatedBy(() -> sendToAll.accept(peers.subList(100, 200)));
    assertTrue(
        allocated < 100L * message.length(),
        allocated + " bytes for 100 peers and a message of " + message.length() + " bytes");
  }

  @Test
  @DisplayName(
      "[SY5] the memory to handle a change and an acknowledgement does not depend on the history")
  void steadyStateDoesNotDependOnTheHistory() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peer = syncedPeer(graph, encoder);
    var allocated =
        allocatedBy(
            () -> {
              for (var i = 0; i < 50; i++) {
                graph.offer(CHANGES.changes().get(HISTORY_LENGTH + i));
                peer.received(message(graph.heads(), List.of(), List.of()));
                assertTrue(peer.next(encoder, List.of()).isPresent());
                peer.received(message(graph.heads(), List.of(), List.of()));
                assertEquals(Optional.empty(), peer.next(encoder, List.of()));
              }
            });
    // The graph's arrays may double once. No other allocation is large.
    assertTrue(allocated < 16 << 20, allocated + " bytes");
  }

  @Test
  @DisplayName(
      "[SY2] after the first contact the memory to handle any message does not depend on the history")
  void messageCostDoesNotDependOnTheHistory() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var oldHashes = new ArrayList<ChangeHash>();
    for (var i = 0; i < 2_000; i++) {
      oldHashes.add(graph.hashAt(i * 7));
    }
    var largeFilter = BloomFilter.of(unknown(100_000), 100_000);
    var unknownHashes = unknown(2_000);
    var messages =
        List.of(
            message(graph.heads(), unknown(8_000), List.of()),
            message(oldHashes, List.of(), List.of(new Have(oldHashes, largeFilter))),
            message(unknownHashes, List.of(), List.of(new Have(List.of(), largeFilter))),
            message(unknownHashes, unknownHashes, List.of()),
            message(
                oldHashes.subList(0, 1), List.of(), List.of(new Have(unknownHashes, largeFilter))));
    for (var hostile : messages) {
      var peer = syncedPeer(graph, encoder);
      peer.received(hostile);
      peer.next(encoder, List.of());
      var answers = new int[1];
      var allocated =
          allocatedBy(
              () -> {
                for (var i = 0; i < 100; i++) {
                  peer.received(hostile);
                  answers[0] += peer.next(encoder, List.of()).isPresent() ? 1 : 0;
                }
              });
      assertTrue(allocated / 100 < 400_000, hostile.need().size() + ": " + allocated / 100);
      assertTrue(answers[0] <= 3, answers[0] + " answers to the same message");
    }
  }

  @Test
  @DisplayName("[SY5] repeated requests for the same changes are answered once")
  void repeatedRequestsAreAnsweredOnce() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var need = new ArrayList<ChangeHash>();
    for (var i = 0; i < 8_000; i++) {
      need.add(graph.hashAt(i * 5));
    }
    var peer = syncedPeer(graph, encoder);
    var head = List.of(graph.hashAt(HISTORY_LENGTH - 2));
    var answerBytes = 0L;
    for (var i = 0; i < 100; i++) {
      peer.received(message(head, need, List.of()));
      answerBytes += peer.next(encoder, List.of()).map(Bytes::length).orElse(0);
    }
    assertTrue(answerBytes < 8_000 * 140 + 1_000, answerBytes + " bytes");
    assertTrue(answerBytes > 8_000 * 120);
  }

  @Test
  @DisplayName(
      "[SY10] a peer that repeatedly claims to have lost its data is served a bounded number of times")
  void repeatedResetsAreBounded() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peer = syncedPeer(graph, encoder);
    var blank = List.of(new Have(List.of(), BloomFilter.EMPTY));
    var bytes = 0L;
    for (var i = 0; i < 1_000; i++) {
      peer.received(message(i % 2 == 0 ? List.of() : unknown(1), List.of(), blank));
      bytes += peer.next(encoder, List.of()).map(Bytes::length).orElse(0);
    }
    assertTrue(bytes < 10 * (graph.chunkBytes() + 10L * HISTORY_LENGTH), bytes + " bytes");
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY2] arbitrary messages never cause an exception, and the number of answers is bounded")
  void arbitraryMessagesNeverThrow(@ForAll long seed) {
    var random = new Random(seed);
    var changes = SyntheticChanges.random(seed, 4, 120).changes();
    var graph = new ChangeGraph();
    var encoder = new SyncEncoder(graph);
    var peer = new PeerSync(graph);
    var sent = 0;
    for (var i = 0; i < 200; i++) {
      if (random.nextInt(4) == 0 && graph.size() < changes.size()) {
        graph.offer(changes.get(graph.size()));
      }
      if (random.nextBoolean()) {
        peer.received(
            new SyncMessage(
                random.nextBoolean() ? Kind.CHANGES : Kind.BLOB,
                randomSubset(random, changes.stream().map(c -> c.hash()).toList()),
                randomSubset(random, changes.stream().map(c -> c.hash()).toList()),
                random.nextBoolean()
                    ? List.of()
                    : List.of(
                        new Have(
                            randomSubset(random, changes.stream().map(c -> c.hash()).toList()),
                            BloomFilter.of(unknown(3), random.nextInt(2) * 3))),
                List.of(),
                random.nextBoolean() ? null : Bytes.EMPTY));
      }
      var next = peer.next(encoder, randomSubset(random, unknown(2)));
      if (next.isPresent()) {
        sent++;
        SyncMessageCodec.decode(next.get(), SyncLimits.DEFAULT).orElseThrow();
      }
    }
    assertTrue(sent <= 200);
    // After the messages that are due there is nothing more to send.
    peer.next(encoder, List.of());
    assertEquals(Optional.empty(), peer.next(encoder, List.of()));
  }

  private static List<ChangeHash> randomSubset(Random random, List<ChangeHash> from) {
    var subset = new ArrayList<ChangeHash>();
    for (var i = random.nextInt(4); i > 0 && !from.isEmpty(); i--) {
      subset.add(from.get(random.nextInt(from.size())));
    }
    return subset;
  }
}
