package dev.parlor.relay.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.deletion.DeletionListener;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.deletion.Deletions.Outcome;
import dev.parlor.relay.deletion.Tombstones;
import dev.parlor.relay.document.ChangeListener;
import dev.parlor.relay.document.DocumentHooks;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks of real documents on disk to a real receiver, with a clock that the test moves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WebhooksIT {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final Duration QUIET = Duration.ofSeconds(2);

  /** A running relay with webhooks. */
  private final class Run implements AutoCloseable {
    private final StoreOnDisk store;
    private final Metrics metrics = new Metrics();
    private final DeliveryQueue queue;
    private final RelayFixture relay;
    private final Deletions deletions;
    private final DeliveryWorker worker;

    Run(int documentsMax) throws Exception {
      store =
          StoreOnDisk.open(
              folder.resolve("data"),
              new RelayConfig.Shards(OptionalInt.of(2), Set.of()),
              Limits.defaults().storage(),
              new Metrics(),
              UUID::randomUUID);
      var tombstones = new Tombstones(store);
      queue = new DeliveryQueue(new UntoldTable(store, ""), documentsMax, timer, timer, metrics);
      relay =
          RelayFixture.start(
              new RelayFixture.Setup()
                  .store(store)
                  .hooks(new DocumentHooks(tombstones::isDeleted, listener())));
      deletions =
          new Deletions(
              store,
              tombstones,
              relay.documents(),
              deletionListener(),
              Duration.ofDays(30),
              () -> NOW);
      var builder =
          new DeliveryBuilder(
              tombstones, relay.documents()::handle, () -> NOW, () -> "msg_" + UUID.randomUUID());
      worker =
          new DeliveryWorker(
              queue, builder, new WebhookReceiver(receiver.settings(), () -> NOW), metrics);
    }

    Run start() {
      queue.start(worker::pump);
      return this;
    }

    private ChangeListener listener() {
      return new ChangeListener() {
        @Override
        public boolean listensTo(DocumentId document) {
          return true;
        }

        @Override
        public void changed(DocumentId document, List<ChangeHash> headsBefore) {
          queue.changed(document, headsBefore);
        }
      };
    }

    private DeletionListener deletionListener() {
      return new DeletionListener() {
        @Override
        public void begins(DocumentId document) {
          queue.lifecycleBegins(document);
        }

        @Override
        public void ended(DocumentId document) {
          queue.lifecycleEnded(document);
        }
      };
    }

    /** Waits until the receiver was told everything. */
    void awaitTold() {
      awaitWaiting(0);
    }

    /** Waits until this many documents have something untold in memory. */
    void awaitWaiting(int count) {
      await("parlor_webhook_waiting " + count + ".0");
    }

    void awaitDelivered(int count) {
      awaitCount("delivered", count);
    }

    void awaitFailures(int count) {
      awaitCount("failed", count);
    }

    /** Waits until at least this many deliveries had this outcome. */
    private void awaitCount(String outcome, int count) {
      var metric = "parlor_webhook_deliveries_total{outcome=\"" + outcome + "\"} ";
      while (metrics
          .scrape()
          .lines()
          .filter(line -> line.startsWith(metric))
          .noneMatch(line -> Double.parseDouble(line.substring(metric.length())) >= count)) {
        Thread.onSpinWait();
      }
    }

    private void await(String line) {
      while (!metrics.scrape().contains(line + "\n")) {
        Thread.onSpinWait();
      }
    }

    SyncPeer peer(String name, int number) throws Exception {
      return new SyncPeer(relay.url(), name, SyncPeer.document(number));
    }

    @Override
    public void close() throws IOException {
      relay.close();
      worker.close();
      store.close();
    }
  }

  private final DocumentId document = SyncPeer.document(1);
  private final ManualTimer timer = new ManualTimer();
  @TempDir private Path folder = Path.of("replaced by JUnit");
  private TestReceiver receiver = open();

  private static TestReceiver open() {
    try {
      return new TestReceiver();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void receiverIsOpen() {
    assertEquals(0, receiver.waiting());
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private static void edit(SyncPeer peer, int times) throws Exception {
    for (var i = 0; i < times; i++) {
      peer.edit();
      peer.awaitCommitted();
    }
  }

  private static void assertHeads(SyncPeer peer, TestReceiver.Received received) {
    assertEquals(
        peer.heads().stream().map(ChangeHash::toString).toList(),
        received.data().path("heads").valueStream().map(head -> head.asText()).toList());
  }

  @Test
  @DisplayName(
      "the receiver is told of a new document and of its changes, signed, once a document was quiet"
          + " for two seconds or ten seconds after the first change")
  void createdAndChanged() throws Exception {
    try (var run = new Run(10).start();
        var ada = run.peer("ada", 1)) {
      edit(ada, 3);
      timer.advance(QUIET.minusMillis(1));
      assertEquals(0, receiver.waiting());
      timer.advance(Duration.ofMillis(1));
      var created = receiver.next("document.created");
      assertEquals(document.value(), created.data().path("documentId").asText());
      assertEquals(3, created.data().path("changes").asInt());
      assertEquals(ada.firstActor().toString(), created.data().path("actors").path(0).asText());
      assertEquals(1, created.data().path("actors").size());
      assertEquals(NOW.getEpochSecond(), created.seconds());
      assertEquals(NOW.toString(), created.body().path("timestamp").asText());
      assertHeads(ada, created);
      run.awaitTold();
      for (var second = 0; second < 10; second++) {
        edit(ada, 1);
        assertEquals(0, receiver.waiting());
        timer.advance(Duration.ofSeconds(1));
      }
      var changed = receiver.next("document.changed");
      assertEquals(10, changed.data().path("changes").asInt());
      assertHeads(ada, changed);
      assertNotEquals(created.id(), changed.id());
    }
  }

  @Test
  @DisplayName(
      "a failed delivery is repeated with the same id and body at growing intervals; changes"
          + " meanwhile come with the next delivery")
  void repeatedDeliveries() throws Exception {
    try (var run = new Run(10).start();
        var ada = run.peer("ada", 1)) {
      receiver.answer(() -> 503);
      edit(ada, 1);
      timer.advance(QUIET);
      var first = receiver.next("document.created");
      edit(ada, 2);
      for (var wait = 1; wait <= 4; wait *= 2) {
        run.awaitFailures(Integer.numberOfTrailingZeros(wait) + 1);
        timer.advance(Duration.ofSeconds(wait).minusMillis(1));
        assertEquals(0, receiver.waiting());
        if (wait == 4) {
          receiver.answer(() -> 200);
        }
        timer.advance(Duration.ofMillis(1));
        var again = receiver.next("document.created");
        assertEquals(first.id(), again.id());
        assertEquals(first.body(), again.body());
      }
      run.awaitDelivered(1);
      timer.runDue(); // the changes may be told already, since they have been quiet for long
      var rest = receiver.next("document.changed");
      assertEquals(2, rest.data().path("changes").asInt());
      assertHeads(ada, rest);
    }
  }

  @Test
  @DisplayName(
      "changes and a deletion that the receiver was not told are told after a restart, and nothing"
          + " is told twice")
  void restart() throws Exception {
    try (var run = new Run(10).start();
        var ada = run.peer("ada", 1);
        var ben = run.peer("ben", 2)) {
      edit(ben, 1);
      timer.advance(QUIET);
      var _ = receiver.next("document.created");
      run.awaitTold();
      receiver.answer(() -> 500);
      edit(ada, 2);
      edit(ben, 1);
      assertInstanceOf(Outcome.Done.class, run.deletions.delete(SyncPeer.document(2), true));
    }
    receiver.close();
    receiver = open();
    try (var run = new Run(10).start()) {
      var told = List.of(take(), take());
      var created =
          told.stream().filter(each -> each.type().equals("document.created")).toList().getFirst();
      assertEquals(document.value(), created.data().path("documentId").asText());
      assertEquals(2, created.data().path("changes").asInt());
      var deleted =
          told.stream().filter(each -> each.type().equals("document.deleted")).toList().getFirst();
      assertTrue(deleted.data().path("removed").asBoolean());
      run.awaitTold();
    }
    try (var run = new Run(10).start()) {
      run.awaitTold();
      assertEquals(0, receiver.waiting());
    }
  }

  /** The next delivery, which may need tasks that other threads give to the timer. */
  private TestReceiver.Received take() throws InterruptedException {
    while (receiver.waiting() == 0) {
      timer.runDue();
      Thread.onSpinWait();
    }
    return receiver.next();
  }

  @Test
  @DisplayName("a deletion and a restoration are told at once, the restoration with the heads")
  void deletionAndRestoration() throws Exception {
    try (var run = new Run(10).start();
        var ada = run.peer("ada", 1)) {
      edit(ada, 2);
      timer.advance(QUIET);
      var _ = receiver.next("document.created");
      run.awaitTold();
      assertInstanceOf(Outcome.Done.class, run.deletions.delete(document, false));
      timer.advance(Duration.ZERO);
      var deleted = receiver.next("document.deleted");
      assertEquals(
          NOW.plus(Duration.ofDays(30)).toString(), deleted.data().path("keptUntil").asText());
      run.awaitTold();
      assertInstanceOf(Outcome.Done.class, run.deletions.restore(document));
      timer.advance(Duration.ZERO);
      var restored = receiver.next("document.restored");
      assertEquals(0, restored.data().path("changes").asInt());
      assertHeads(ada, restored);
      run.awaitTold();
    }
  }

  @Test
  @DisplayName(
      "documents above the limit in memory wait on the disk, are counted, and are told when there"
          + " is space")
  void documentsAboveTheLimit() throws Exception {
    try (var run = new Run(1).start();
        var ada = run.peer("ada", 1);
        var ben = run.peer("ben", 2)) {
      edit(ada, 1);
      edit(ben, 1);
      edit(ben, 1);
      assertTrue(run.metrics.scrape().contains("parlor_webhook_overflows_total 2.0"));
      timer.advance(QUIET);
      var first = receiver.next("document.created");
      assertEquals(document.value(), first.data().path("documentId").asText());
      var second = take();
      assertEquals("document.created", second.type());
      assertEquals(SyncPeer.document(2).value(), second.data().path("documentId").asText());
      assertEquals(2, second.data().path("changes").asInt());
    }
  }

  @Test
  @DisplayName("a receiver that does not answer delays no document and no acknowledgement")
  void slowReceiver() throws Exception {
    var answers = new CountDownLatch(1);
    receiver.answer(
        () -> {
          try {
            answers.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return 200;
        });
    try (var run = new Run(10).start();
        var ada = run.peer("ada", 1);
        var ben = run.peer("ben", 2)) {
      edit(ada, 1);
      timer.advance(QUIET);
      edit(ada, 20);
      edit(ben, 20);
      answers.countDown();
      var first = receiver.next("document.created");
      run.awaitDelivered(1);
      timer.advance(QUIET);
      var told = List.of(take(), take());
      assertEquals(
          Set.of("document.created", "document.changed"),
          Set.of(told.get(0).type(), told.get(1).type()));
      var changes = told.stream().mapToInt(each -> each.data().path("changes").asInt()).sum();
      assertEquals(41, first.data().path("changes").asInt() + changes);
    }
  }
}
