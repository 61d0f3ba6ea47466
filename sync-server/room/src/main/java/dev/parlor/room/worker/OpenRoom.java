package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.document.ServerDocumentHandle;
import dev.parlor.relay.quarantine.NativeCallGuard.Handed;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomView;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A room while it is open: its replica, which follows the relay, and the readings of the replica. A
 * {@link RoomWorker} makes it when the document is loaded and closes it; all calls run in the
 * worker's mailbox.
 *
 * <p>Changes are applied as they arrive. The room is <em>settled</em> some time later: read once
 * for all changes since, compared with the previous reading, and corrected.
 */
final class OpenRoom implements RoomScope {
  private static final Logger log = LoggerFactory.getLogger(OpenRoom.class);

  private final Replica replica;
  private final ServerDocumentHandle relay;
  private final RoomServices services;
  private final SerialExecutor mailbox;
  private final Presence presence;
  private final RoomWatcher watcher;
  private final Consumer<Throwable> fail;

  private final TruncationNotices truncationNotices;
  private final HiddenTexts hiddenTexts;
  private final ChangeAttribution attribution = new ChangeAttribution();

  private boolean closed;
  private @Nullable RoomReading cached;
  private boolean settleScheduled;
  private long settledAt;
  private long settleCostMillis;

  /**
   * The parts of a room that know its connections. They exist before the document is loaded.
   *
   * @param events publishes the events that {@code diff} finds
   */
  record Presence(RoomEvents events, RoomDiff diff, ParticipantFields participants) {}

  /**
   * Takes over the replica.
   *
   * @param fail ends the worker because of a defect
   */
  OpenRoom(
      Replica replica,
      ServerDocumentHandle relay,
      RoomServices services,
      SerialExecutor mailbox,
      Presence presence,
      RoomWatcher watcher,
      Consumer<Throwable> fail) {
    this.replica = replica;
    this.relay = relay;
    this.services = services;
    this.mailbox = mailbox;
    this.presence = presence;
    this.watcher = watcher;
    this.fail = fail;
    this.truncationNotices = new TruncationNotices(relay::broadcast);
    this.hiddenTexts = new HiddenTexts(relay::broadcast);
  }

  /** Takes the loaded document as the first reading, and tells the watcher. */
  void begin() {
    RoomView view = reading().view();
    presence.diff().begin(view);
    truncationNotices.begin(view);
    presence.participants().begin(view);
    after(services.graceMillis(), this::endSeatsWithoutConnection);
    hiddenTexts.begin(replica);
    watcher.opened(this);
    scheduleSettle(); // texts may be hidden already
  }

  /** Frees the replica. Later calls that need it throw {@link IllegalStateException}. */
  void close() {
    closed = true;
    cached = null;
    replica.close();
  }

  /** The whole document as one Automerge document chunk. */
  Bytes save() {
    return replica.save();
  }

  // Following the relay.

  void apply(List<ArrivedChanges.Arrival> arrivals) {
    long start = System.nanoTime();
    if (arrivals.size() <= FixedServiceLimits.CHANGES_APPLIED_SINGLY_MAX) {
      for (ArrivedChanges.Arrival arrival : arrivals) {
        arrival.author().ifPresent(this::attributeWindows);
        applyNow(List.of(arrival.change()));
        applied(arrival);
        watcher.changesApplied(this);
      }
    } else {
      applyNow(arrivals.stream().map(ArrivedChanges.Arrival::change).toList());
      arrivals.forEach(this::applied);
      watcher.changesApplied(this);
    }
    services.metrics().nativeApplied(System.nanoTime() - start);
    scheduleSettle();
  }

  private void applied(ArrivedChanges.Arrival arrival) {
    hiddenTexts.took(arrival.change());
    arrival.author().ifPresent(author -> attribution.took(arrival.change(), author));
  }

  /** Compares the windows before another author's change, if the events need an author each. */
  private void attributeWindows(String nextAuthor) {
    long start = System.nanoTime();
    if (attribution.lookFirst(nextAuthor, start)) {
      replica
          .read(Path.of(RoomFields.WINDOWS))
          .map(RoomView::readWindows)
          .ifPresent(windows -> presence.diff().windows(windows, attribution.soleAuthor()));
      attribution.looked(start, System.nanoTime() - start);
    }
  }

  private void applyNow(List<Bytes> changes) {
    services
        .gate()
        .hand(
            relay.document(),
            Handed.of(Work.APPLY, changes),
            () -> {
              replica.apply(changes);
              return true;
            });
  }

  // Settling.

  /**
   * Settles the room after a change: at once if the room is idle. Under a stream of changes,
   * settling takes at most a fifth of the time.
   */
  void scheduleSettle() {
    if (settleScheduled) {
      return;
    }
    settleScheduled = true;
    long wait =
        settledAt
            + Math.max(services.settleMillis(), 4 * settleCostMillis)
            - services.timer().now();
    if (wait <= 0) {
      later(this::settle);
    } else {
      after(wait, this::settle);
    }
  }

  private void settle() {
    settleScheduled = false;
    settledAt = now();
    long start = System.nanoTime();
    correctParticipants();
    presence.diff().settled(reading(), attribution.soleAuthor());
    truncationNotices.settled(reading().view(), attribution.authors());
    attribution.settled();
    watcher.settled(this);
    mergeHiddenTexts();
    settleCostMillis = Math.min(250, (System.nanoTime() - start) / 1_000_000);
  }

  /**
   * Runs before every other reader of the room, so that a guest that asks for something has its
   * seat by then.
   */
  private void correctParticipants() {
    List<Edit> edits = presence.participants().corrections(reading().view(), now());
    if (!edits.isEmpty()) {
      try {
        var _ = write(edits);
      } catch (ReplicaException problem) { // an entry that no edit fits stays unchanged
        log.warn("room {}: {}", relay.document(), problem.getMessage());
      }
      presence.participants().corrected(reading().view());
    }
  }

  private void endSeatsWithoutConnection() {
    presence.participants().endSeatsWithoutConnection(reading().view());
    scheduleSettle();
  }

  private void mergeHiddenTexts() {
    if (closed || !watcher.isLeader()) {
      return;
    }
    try {
      var _ = write(hiddenTexts.look(replica, reading().root()));
    } catch (ReplicaException problem) {
      log.error("room {}: hidden texts could not be merged", relay.document(), problem);
    }
  }

  // The scope.

  @Override
  public RoomReading reading() {
    List<ChangeHash> heads = replica.heads();
    RoomReading last = cached;
    if (last == null || !last.heads().equals(heads)) {
      Value root = replica.root();
      last = new RoomReading(heads, root, RoomView.read(root));
      cached = last;
    }
    return last;
  }

  @Override
  public List<Value> conflicts(Path path) {
    return replica.conflicts(path);
  }

  @Override
  public CompletableFuture<Void> write(List<Edit> edits) {
    if (edits.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    Optional<Bytes> change = replica.transact(edits);
    if (change.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    scheduleSettle();
    CompletableFuture<Void> answer = new CompletableFuture<>();
    var _ =
        relay
            .submit(List.of(change.get()))
            .whenCompleteAsync((_, problem) -> submitted(answer, problem), mailbox);
    return answer;
  }

  private void submitted(CompletableFuture<Void> answer, @Nullable Throwable problem) {
    if (problem == null) {
      answer.complete(null);
      return;
    }
    Throwable cause = FutureCause.of(problem);
    log.warn(
        "room {}: an edit of the server could not be committed: {}",
        relay.document(),
        cause.toString());
    answer.completeExceptionally(
        new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the server could not save the change"));
    if (!(cause instanceof IOException)) {
      // The relay lacks the change, so this replica differs from the document.
      fail.accept(cause);
    }
  }

  @Override
  public void later(Runnable task) {
    mailbox.execute(
        () -> {
          if (!closed) {
            task.run();
          }
        });
  }

  @Override
  public void after(long millis, Runnable task) {
    services.timer().after(millis, () -> later(task));
  }

  @Override
  public long now() {
    return services.timer().now();
  }

  @Override
  public void publish(String event, Map<String, Object> data) {
    presence.events().publish(event, now(), data);
  }

  @Override
  public void broadcast(Bytes cborData) {
    relay.broadcast(cborData);
  }
}
