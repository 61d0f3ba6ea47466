package dev.parlor.nats.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.nats.nodes.NatsNodes;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.document.CompactionOutcome;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes that compact the same document, with their stores and buses on one real server. */
class NodesCompactionTest {

  private static final DocumentId DOCUMENT = DocumentId.of(Bytes.utf8("compacted by both"));

  @RegisterExtension static final SharedServer shared = new SharedServer();

  private StoreFixture fixture;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final List<NatsNodes> buses = new ArrayList<>();
  private DocumentDirectory one;
  private DocumentDirectory two;

  @BeforeEach
  void openNodes() throws IOException {
    fixture = shared.fixture();
    one = node("one");
    two = node("two");
  }

  @AfterEach
  void closeNodes() {
    buses.forEach(NatsNodes::close);
    threads.shutdownNow();
  }

  private DocumentDirectory node(String name) throws IOException {
    var bus = NatsNodes.connect(fixture.settings, new SecureRandom());
    buses.add(bus);
    return new DocumentDirectory(
        new DocumentDirectory.Environment(fixture.node(), threads, new Metrics(), System::nanoTime),
        Limits.defaults(),
        new PeerId(name),
        new SessionId(name),
        bus);
  }

  /** Makes changes at a node and waits until both nodes have all of them. */
  private void change(DocumentDirectory node, String actor, int from, int count) throws Exception {
    try (var replica = Replica.create(new ActorId(Bytes.utf8(actor)))) {
      for (var i = 0; i < count; i++) {
        var edit = new Edit.Put(Path.of("k" + from), new Value.Int(i));
        var change = replica.transact(List.of(edit)).orElseThrow();
        node.open(DOCUMENT).submit(List.of(change)).get(20, TimeUnit.SECONDS);
      }
    }
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (changes(one) != changes(two)) {
      assertTrue(System.nanoTime() - end < 0, "the nodes differ after 20 s");
      Thread.onSpinWait();
    }
  }

  private static int changes(DocumentDirectory node) throws Exception {
    var open = node.admin().describe(DOCUMENT, false);
    return open.isEmpty() ? 0 : open.get().get(20, TimeUnit.SECONDS).changes();
  }

  private static CompletableFuture<CompactionOutcome> compact(DocumentDirectory node) {
    return node.admin().compact(DOCUMENT).orElseThrow();
  }

  @Test
  @DisplayName(
      "[DU3] two nodes compact the same document in turn and at once, and no change is lost")
  void bothCompact() throws Exception {
    one.open(DOCUMENT).submit(List.of()).get(20, TimeUnit.SECONDS);
    two.open(DOCUMENT).submit(List.of()).get(20, TimeUnit.SECONDS);
    change(one, "first actor 0001", 1, 5);
    assertInstanceOf(CompactionOutcome.Done.class, compact(one).get(20, TimeUnit.SECONDS));
    var known = compact(two).get(20, TimeUnit.SECONDS);
    assertEquals(
        "nothing-new",
        assertInstanceOf(CompactionOutcome.Refused.class, known).code(),
        "the other node has taken the snapshot over");
    change(two, "second actor 002", 2, 5);
    assertInstanceOf(CompactionOutcome.Done.class, compact(two).get(20, TimeUnit.SECONDS));
    for (var round = 0; round < 5; round++) {
      change(one, "actor of rnd 1" + (10 + round), 10 + round, 3);
      var both = List.of(compact(one), compact(two));
      var done = 0;
      for (var outcome : both) {
        if (outcome.get(20, TimeUnit.SECONDS) instanceof CompactionOutcome.Done) {
          done++;
        }
      }
      assertTrue(done >= 1, "one node succeeds");
    }
    assertEquals(25, changes(one));
    var third = node("three");
    third.open(DOCUMENT).submit(List.of()).get(20, TimeUnit.SECONDS);
    assertEquals(25, changes(third));
    var stored = fixture.node().load(DOCUMENT).orElseThrow();
    assertTrue(stored.snapshot().isPresent());
    assertEquals(List.of(), stored.tail());
  }
}
