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
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Peers with messages that no honest peer sends, on a document with a long history. The tests
 * measure allocation instead of time, since it does not depend on the machine's load.
 */
class HostilePeerTest {

  private static final int HISTORY = 50_000;
  private static final SyntheticChanges CHANGES = SyntheticChanges.chain(11, HISTORY + 100);

  private static ChangeGraph graph() {
    var graph = new ChangeGraph();
    CHANGES.made().subList(0, HISTORY).forEach(graph::offer);
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

  private static SyncMessage says(List<ChangeHash> heads, List<ChangeHash> need, List<Have> have) {
    return new SyncMessage(Kind.CHANGES, heads, need, have, List.of(), null);
  }

  private static long allocatedBy(Runnable work) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** A peer in sync with the graph. */
  private static PeerSync inSync(ChangeGraph graph, SyncEncoder encoder) {
    var peer = new PeerSync(graph);
    peer.received(
        says(graph.heads(), List.of(), List.of(new Have(graph.heads(), BloomFilter.EMPTY))));
    peer.next(encoder, List.of());
    return peer;
  }

  @Test
  @DisplayName("[SY5] a peer without news allocates no memory")
  void silenceCostsNothing() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peer = inSync(graph, encoder);
    Runnable ask =
        () -> {
          for (var i = 0; i < 10_000; i++) {
            if (peer.next(encoder, List.of()).isPresent()) {
              throw new AssertionError("it spoke");
            }
          }
        };
    ask.run();
    var allocated = allocatedBy(ask);
    assertTrue(allocated < 10_000, allocated + " bytes for 10,000 calls");
  }

  @Test
  @DisplayName("[SY6] one change to two hundred peers is encoded once")
  void oneChangeToManyPeersIsEncodedOnce() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peers = new ArrayList<PeerSync>();
    for (var i = 0; i < 200; i++) {
      peers.add(inSync(graph, encoder));
    }
    graph.offer(CHANGES.made().get(HISTORY));
    var first = peers.getFirst().next(encoder, List.of());
    var allocated =
        allocatedBy(
            () -> {
              for (var peer : peers.subList(1, 200)) {
                assertSame(first.orElseThrow(), peer.next(encoder, List.of()).orElseThrow());
              }
            });
    assertTrue(allocated < 199 * 100, allocated + " bytes for 199 peers");
  }

  @Test
  @DisplayName(
      "[SY5] the cost of receiving an acknowledgement and a change does not depend on the history")
  void steadyStateDoesNotDependOnTheHistory() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peer = inSync(graph, encoder);
    var allocated =
        allocatedBy(
            () -> {
              for (var i = 0; i < 50; i++) {
                graph.offer(CHANGES.made().get(HISTORY + i));
                peer.received(says(graph.heads(), List.of(), List.of()));
                assertTrue(peer.next(encoder, List.of()).isPresent());
                peer.received(says(graph.heads(), List.of(), List.of()));
                assertEquals(Optional.empty(), peer.next(encoder, List.of()));
              }
            });
    // The index or the slabs may double once; no other allocation is large.
    assertTrue(allocated < 16 << 20, allocated + " bytes");
  }

  @Test
  @DisplayName(
      "[SY2] after the first contact the cost of any message does not depend on the history")
  void noMessageCostsTheHistory() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var old = new ArrayList<ChangeHash>();
    for (var i = 0; i < 2_000; i++) {
      old.add(graph.hashAt(i * 7));
    }
    var full = BloomFilter.of(unknown(100_000), 100_000);
    var strangers = unknown(2_000);
    var shapes =
        List.of(
            says(graph.heads(), unknown(8_000), List.of()),
            says(old, List.of(), List.of(new Have(old, full))),
            says(strangers, List.of(), List.of(new Have(List.of(), full))),
            says(strangers, strangers, List.of()),
            says(old.subList(0, 1), List.of(), List.of(new Have(strangers, full))));
    for (var shape : shapes) {
      var peer = inSync(graph, encoder);
      peer.received(shape);
      peer.next(encoder, List.of());
      var spoken = new int[1];
      var allocated =
          allocatedBy(
              () -> {
                for (var i = 0; i < 100; i++) {
                  peer.received(shape);
                  spoken[0] += peer.next(encoder, List.of()).isPresent() ? 1 : 0;
                }
              });
      assertTrue(allocated / 100 < 400_000, shape.need().size() + ": " + allocated / 100);
      assertTrue(spoken[0] <= 3, spoken[0] + " answers to the same message");
    }
  }

  @Test
  @DisplayName("[SY5] repeated requests for the same changes are answered once")
  void needsAreAnsweredOnce() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var need = new ArrayList<ChangeHash>();
    for (var i = 0; i < 8_000; i++) {
      need.add(graph.hashAt(i * 5));
    }
    var peer = inSync(graph, encoder);
    var head = List.of(graph.hashAt(HISTORY - 2));
    var answered = 0L;
    for (var i = 0; i < 100; i++) {
      peer.received(says(head, need, List.of()));
      answered += peer.next(encoder, List.of()).map(Bytes::length).orElse(0);
    }
    assertTrue(answered < 8_000 * 140 + 1_000, answered + " bytes");
    assertTrue(answered > 8_000 * 120);
  }

  @Test
  @DisplayName(
      "[SY10] a peer that repeatedly claims to have lost its data is served a bounded number of times")
  void startingOverIsBounded() {
    var graph = graph();
    var encoder = new SyncEncoder(graph);
    var peer = inSync(graph, encoder);
    var blank = List.of(new Have(List.of(), BloomFilter.EMPTY));
    var bytes = 0L;
    for (var i = 0; i < 1_000; i++) {
      peer.received(says(i % 2 == 0 ? List.of() : unknown(1), List.of(), blank));
      bytes += peer.next(encoder, List.of()).map(Bytes::length).orElse(0);
    }
    assertTrue(bytes < 10 * (graph.chunkBytes() + 10L * HISTORY), bytes + " bytes");
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY2] a peer that says anything at all never makes us throw or speak without end")
  void arbitraryMessagesNeverThrow(@ForAll long seed) {
    var random = new Random(seed);
    var changes = SyntheticChanges.random(seed, 4, 120).made();
    var graph = new ChangeGraph();
    var encoder = new SyncEncoder(graph);
    var peer = new PeerSync(graph);
    var said = 0;
    for (var i = 0; i < 200; i++) {
      if (random.nextInt(4) == 0 && graph.size() < changes.size()) {
        graph.offer(changes.get(graph.size()));
      }
      if (random.nextBoolean()) {
        peer.received(
            new SyncMessage(
                random.nextBoolean() ? Kind.CHANGES : Kind.BLOB,
                some(random, changes.stream().map(c -> c.hash()).toList()),
                some(random, changes.stream().map(c -> c.hash()).toList()),
                random.nextBoolean()
                    ? List.of()
                    : List.of(
                        new Have(
                            some(random, changes.stream().map(c -> c.hash()).toList()),
                            BloomFilter.of(unknown(3), random.nextInt(2) * 3))),
                List.of(),
                random.nextBoolean() ? null : Bytes.EMPTY));
      }
      var message = peer.next(encoder, some(random, unknown(2)));
      if (message.isPresent()) {
        said++;
        SyncMessageCodec.decode(message.get(), SyncLimits.DEFAULT).orElseThrow();
      }
    }
    assertTrue(said <= 200);
    // After its due messages it sends no more.
    peer.next(encoder, List.of());
    assertEquals(Optional.empty(), peer.next(encoder, List.of()));
  }

  private static List<ChangeHash> some(Random random, List<ChangeHash> from) {
    var some = new ArrayList<ChangeHash>();
    for (var i = random.nextInt(4); i > 0 && !from.isEmpty(); i--) {
      some.add(from.get(random.nextInt(from.size())));
    }
    return some;
  }
}
