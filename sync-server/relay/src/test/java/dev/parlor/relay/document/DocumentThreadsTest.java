package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests on which thread the steps of a document run, and that timers start steps. */
class DocumentThreadsTest {

  private static final DocumentId ID =
      DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));

  /** Records the thread that admitted changes. */
  private static final class ThreadRecorder implements DocumentObserver {
    private final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> opened = new LinkedBlockingQueue<>();

    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {
      opened.add("opened");
    }

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {
      threads.add(Thread.currentThread());
    }

    @Override
    public void peerJoined(PeerId peer, Caller caller) {}

    @Override
    public void peerLeft(PeerId peer, Caller caller) {}

    @Override
    public void failed(Throwable cause) {
      throw new AssertionError(cause);
    }
  }

  /** Queues the steps until the test runs them on its own thread. */
  private static final class QueuedSteps implements StepExecutor {
    private final ArrayDeque<Runnable> steps = new ArrayDeque<>();

    @Override
    public void later(Runnable step) {
      steps.add(step);
    }

    @Override
    public void drained() {}

    void runAll() {
      for (var step = steps.poll(); step != null; step = steps.poll()) {
        step.run();
      }
    }
  }

  @Test
  @DisplayName(
      "a small message is handled on the sender's thread, a message of many operations on a virtual thread")
  void largeMessagesLeaveTheSendersThread() throws Exception {
    var store = new MemoryChangeStore(new StorageId("memory"));
    var directory = directory(store, Limits.defaults(), new Metrics());
    var decoder = new InboundDecoder(Limits.defaults());
    var recorder = new ThreadRecorder();
    var steps = new QueuedSteps();
    var document = directory.handle(ID);
    document.observe(recorder);
    assertEquals("opened", recorder.opened.poll(10, TimeUnit.SECONDS));
    directory.flush(Duration.ofSeconds(10));

    try (var replica = Replica.create(new ActorId(Bytes.utf8("sixteen letters!")))) {
      // If another thread works on the document already, that thread runs the step: try again.
      for (var i = 0; steps.steps.isEmpty(); i++) {
        assertTrue(i < 1_000, "another thread always works on the document");
        recorder.threads.clear();
        var small =
            replica.transact(List.of(new Edit.Put(Path.of("a"), Value.of(i)))).orElseThrow();
        assertTrue(document.receive(new FakePeer("one"), inbound(decoder, small), steps));
        if (steps.steps.isEmpty()) {
          recorder.threads.take();
        }
      }
      steps.runAll();
      assertSame(Thread.currentThread(), recorder.threads.poll(10, TimeUnit.SECONDS));

      // Each letter of a text is one operation, and its deletion is another one.
      var text = Value.text("x".repeat(10_000));
      var large = replica.transact(List.of(new Edit.Put(Path.of("t"), text))).orElseThrow();
      var inbound = inbound(decoder, large);
      assertTrue(inbound.cost() > 10_000 * 16, "cost " + inbound.cost());
      assertTrue(document.receive(new FakePeer("one"), inbound, steps));
      steps.runAll();
      var thread = recorder.threads.poll(10, TimeUnit.SECONDS);
      assertTrue(thread != null && thread.isVirtual(), "on " + thread);
    }
    directory.flush(Duration.ofSeconds(10));
    store.close();
  }

  private static DocumentDirectory directory(
      MemoryChangeStore store, Limits limits, Metrics metrics) {
    return new DocumentDirectory(
        new DocumentDirectory.Environment(store, Runnable::run, metrics, System::nanoTime),
        limits,
        new PeerId("server"),
        new SessionId("run"));
  }

  @Test
  @DisplayName("a step that a timer started schedules the next timer")
  void timersFollowOneAnother() throws Exception {
    var store = new MemoryChangeStore(new StorageId("memory"));
    var metrics = new Metrics();
    var directory = directory(store, Limits.defaults().with(new Limits.StallDetection(1)), metrics);
    var heads = List.of(new ChangeHash(1, 2, 3, 4));
    var message =
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), List.of(), List.of(), null);
    var steps = new QueuedSteps();
    // The peer never sends the changes that it announces. The tenth reset follows after about a
    // thousand checks, each started by a timer.
    var announcement = new InboundMessage(message, List.of(), 100, 100);
    assertTrue(directory.handle(ID).receive(new FakePeer("one"), announcement, steps));
    steps.runAll();
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!metrics.scrape().contains("parlor_sync_started_over_total 10.0\n")) {
      assertTrue(System.nanoTime() < end, metrics::scrape);
      Thread.onSpinWait();
    }
    store.close();
  }

  private static InboundMessage inbound(InboundDecoder decoder, Bytes chunk) {
    var message =
        new SyncMessage(
            SyncMessage.Kind.CHANGES, List.of(), List.of(), List.of(), List.of(chunk), null);
    return Decoding.of(new InboundDecoder.Undecoded(message, List.of(chunk), chunk.length()))
        .flatMap(decoder::read)
        .orElseThrow();
  }
}
