package dev.parlor.relay.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.cluster.FakeLiveNodes;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Webhooks of nodes that are gone, on nodes with one shared table. */
@Timeout(60)
class UntoldTakeoverTest {
  private static final DocumentId DOCUMENT = SyncPeer.document(1);
  private static final List<ChangeHash> HEADS =
      List.of(ChangeHash.parse("ab".repeat(32)).orElseThrow());
  private static final Untold CHANGES = Untold.NOTHING.withChanges(HEADS);

  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("shared"));

  /** A node whose deliveries the test carries out. */
  private final class Node {
    private final ManualTimer timer = new ManualTimer();
    private final LinkedBlockingQueue<DocumentId> due = new LinkedBlockingQueue<>();
    private final UntoldTable table;
    private final FakeLiveNodes nodes;
    private final DeliveryQueue queue;

    Node(String name, String... others) {
      table = new UntoldTable(store, name);
      nodes = new FakeLiveNodes(name, others);
      queue = new DeliveryQueue(table, 10, timer, timer, new Metrics());
      queue.start(() -> queue.poll().ifPresent(due::add));
      new UntoldTakeover(table, queue, nodes, timer, Runnable::run).start();
      timer.runDue();
    }

    /** Runs the tasks of the timer until the condition is true. */
    void await(String condition, BooleanSupplier isTrue) throws InterruptedException {
      var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!isTrue.getAsBoolean()) {
        assertTrue(System.nanoTime() < end, condition);
        timer.advance(Duration.ofSeconds(1));
        Thread.onSpinWait();
      }
    }

    /** The part of the next delivery that is due; the receiver gets it. */
    Untold deliver() throws InterruptedException {
      await("a delivery is due", () -> !due.isEmpty());
      var attempt = queue.attempt(due.take()).orElseThrow();
      queue.settled(DOCUMENT, attempt.with(Optional.empty()));
      return attempt.untold();
    }
  }

  private boolean isEmpty() {
    return store.table("webhook-untold").withPrefix("").isEmpty();
  }

  @Test
  @DisplayName(
      "what a node did not tell before it was gone is told by the first of the present nodes, once")
  void firstPresentNodeTells() throws Exception {
    new UntoldTable(store, "c").put(DOCUMENT, CHANGES);
    var first = new Node("a", "b", "c");
    var second = new Node("b", "a", "c");
    first.timer.runDue();
    assertTrue(first.due.isEmpty(), "the node that has it is present");
    first.nodes.die("c");
    second.nodes.die("c");
    assertEquals(CHANGES, first.deliver());
    assertTrue(isEmpty());
    second.timer.runDue();
    assertTrue(second.due.isEmpty());
  }

  @Test
  @DisplayName("a node takes over from the first node too, if that one is gone as well")
  void nextNodeTellsWhenTheFirstIsGone() throws Exception {
    new UntoldTable(store, "c").put(DOCUMENT, CHANGES);
    var second = new Node("b", "a", "c");
    second.nodes.die("c");
    second.timer.runDue();
    assertTrue(second.due.isEmpty());
    second.nodes.die("a");
    assertEquals(CHANGES, second.deliver());
    assertTrue(isEmpty());
  }

  @Test
  @DisplayName(
      "a node that has to tell about the same document tells its own part first, and then the part"
          + " of the node that is gone")
  void ownPartIsToldFirst() throws Exception {
    new UntoldTable(store, "c").put(DOCUMENT, CHANGES);
    var node = new Node("a", "c");
    node.queue.changed(DOCUMENT, List.of());
    node.nodes.die("c");
    assertEquals(Untold.NOTHING.withChanges(List.of()), node.deliver());
    assertEquals(CHANGES, node.deliver());
    assertTrue(isEmpty());
  }

  @Test
  @DisplayName(
      "an entry without the name of a node, from an earlier version, is told after a start")
  void entryWithoutANameIsTold() throws Exception {
    var _ = store.table("webhook-untold").put(DOCUMENT.value(), CHANGES.encode());
    assertEquals(CHANGES, new Node("a").deliver());
    assertTrue(isEmpty());
  }

  @Test
  @DisplayName("a node does not see the entries of another node as its own")
  void nodesHaveEntriesOfTheirOwn() {
    var table = new UntoldTable(store, "a");
    new UntoldTable(store, "b").put(DOCUMENT, CHANGES);
    assertEquals(Untold.NOTHING, table.find(DOCUMENT));
    assertEquals(List.of(), table.documents());
    assertEquals(List.of(new UntoldTable.OfOther(DOCUMENT, "b", CHANGES)), table.ofOthers());
    table.put(DOCUMENT, Untold.NOTHING);
    assertEquals(
        Optional.<Bytes>of(CHANGES.encode()),
        store.table("webhook-untold").get(DOCUMENT.value() + "/b"));
  }
}
