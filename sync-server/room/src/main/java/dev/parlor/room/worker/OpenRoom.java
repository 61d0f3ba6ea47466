package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.operations.KeyedOperations;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.document.ChangeOrigin;
import dev.parlor.relay.document.ServerDocumentHandle;
import dev.parlor.relay.document.SubmissionException;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomSchema;
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
 * A room while it is open. It owns a replica of the document, applies the relay's changes to it,
 * and reads it. A {@link RoomWorker} makes it when the document is loaded and closes it. All calls
 * run in the worker's mailbox.
 *
 * <p>Changes are applied as they arrive. Some time later, the room <em>settles</em>: it is read
 * once for all new changes, compared with the previous reading, and corrected.
 */
final class OpenRoom implements RoomScope {
  private static final Logger log = LoggerFactory.getLogger(OpenRoom.class);

  private final Replica replica;
  private final ServerDocumentHandle relay;
  private final RoomServices services;
  private final SerialExecutor mailbox;
  private final Presence presence;
  private final RoomWatcher watcher;
  private final Consumer<Throwable> onDefect;
  private final Runnable onRefusal;

  private final TruncationNotices truncationNotices;
  private final HiddenTexts hiddenTexts;
  private final ChangeAttribution attribution = new ChangeAttribution();

  private final RoomFollowers followers;

  private boolean closed;
  private @Nullable RoomReading cachedReading;
  private boolean settleScheduled;
  private long settledAt;
  private long settleCostMillis;

  /**
   * The parts of a room that track its connections. They exist before the document is loaded.
   *
   * @param events receives the events that {@code diff} finds
   */
  record Presence(RoomEvents events, RoomDiff diff, ParticipantFields participants) {}

  /**
   * Takes over the replica.
   *
   * @param onDefect ends the worker
   * @param onRefusal opens the room again, because the relay refused an edit that this replica has
   */
  OpenRoom(
      Replica replica,
      ServerDocumentHandle relay,
      RoomServices services,
      SerialExecutor mailbox,
      Presence presence,
      RoomWatcher watcher,
      RoomFollowers followers,
      Consumer<Throwable> onDefect,
      Runnable onRefusal) {
    this.replica = replica;
    this.relay = relay;
    this.services = services;
    this.mailbox = mailbox;
    this.presence = presence;
    this.watcher = watcher;
    this.followers = followers;
    this.onDefect = onDefect;
    this.onRefusal = onRefusal;
    this.truncationNotices = new TruncationNotices(relay::broadcast);
    this.hiddenTexts = new HiddenTexts(relay::broadcast);
  }

  /**
   * Reads the loaded document as the first state, and calls {@link RoomWatcher#opened}.
   *
   * @param changesSinceSnapshot the loaded changes that no snapshot has yet
   */
  void begin(List<Bytes> changesSinceSnapshot) {
    RoomView view = reading().view();
    presence.diff().begin(view);
    truncationNotices.begin(view);
    presence.participants().begin(view);
    after(services.graceMillis(), this::endSeatsWithoutConnection);
    hiddenTexts.begin(replica);
    changesSinceSnapshot.forEach(
        change -> watcher.changeApplied(this, change, RoomWatcher.Arrival.UNKNOWN));
    watcher.opened(this);
    scheduleSettle(); // the document may have hidden texts already
  }

  /** Frees the replica. Later calls that need it throw {@link IllegalStateException}. */
  void close() {
    closed = true;
    cachedReading = null;
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
        arrival.author().ifPresent(this::compareWindowsBefore);
        applyToReplica(List.of(arrival.change()));
        noteApplied(arrival);
      }
    } else {
      applyToReplica(arrivals.stream().map(ArrivedChanges.Arrival::change).toList());
      arrivals.forEach(this::noteApplied);
    }
    services.metrics().nativeApplied(System.nanoTime() - start);
    for (ArrivedChanges.Arrival arrival : arrivals) {
      if (!(arrival.origin() instanceof ChangeOrigin.Server)) { // noted when they were written
        followers.applied(this, arrival.change());
      }
    }
    scheduleSettle();
  }

  private void noteApplied(ArrivedChanges.Arrival arrival) {
    if (KeyedOperations.anyIn(arrival.change())) {
      hiddenTexts.keyedChangeApplied();
      switch (arrival.origin()) {
        case ChangeOrigin.Server _ -> {}
        case ChangeOrigin.FromPeer(_, _, var firstSync) ->
            watcher.changeApplied(
                this,
                arrival.change(),
                firstSync ? RoomWatcher.Arrival.FIRST_SYNC : RoomWatcher.Arrival.LIVE);
        case ChangeOrigin.FromNode _ ->
            watcher.changeApplied(this, arrival.change(), RoomWatcher.Arrival.UNKNOWN);
      }
    }
    arrival.author().ifPresent(author -> attribution.applied(arrival.change(), author));
  }

  /** Compares the windows before a change of another author, so that each event has one author. */
  private void compareWindowsBefore(String nextAuthor) {
    long start = System.nanoTime();
    if (attribution.mustCompareBefore(nextAuthor, start)) {
      replica
          .read(Path.of(RoomFields.WINDOWS))
          .map(RoomView::readWindows)
          .ifPresent(windows -> presence.diff().windows(windows, attribution.soleAuthor()));
      attribution.compared(start, System.nanoTime() - start);
    }
  }

  private void applyToReplica(List<Bytes> changes) {
    services
        .guard()
        .run(
            relay.document(),
            NativeCall.of(Work.APPLY, changes),
            () -> {
              replica.apply(changes);
              return true;
            });
  }

  // Settling.

  /**
   * Schedules the room to settle after a change: at once if it has not settled recently. Under a
   * stream of changes, settling takes at most a fifth of the time.
   */
  void scheduleSettle() {
    if (settleScheduled) {
      return;
    }
    settleScheduled = true;
    long waitMillis =
        settledAt
            + Math.max(services.settleMillis(), 4 * settleCostMillis)
            - services.timer().now();
    if (waitMillis <= 0) {
      later(this::settle);
    } else {
      after(waitMillis, this::settle);
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
    addContainers();
    mergeHiddenTexts();
    if (followers.any()) {
      followers.settled(reading().view(), presence.diff().away());
    }
    settleCostMillis = Math.min(250, (System.nanoTime() - start) / 1_000_000);
  }

  /**
   * Corrects roles and joining times. Runs before the other steps, so that a guest has its seat
   * when its request is decided.
   */
  private void correctParticipants() {
    List<Edit> edits = presence.participants().corrections(reading().view(), now());
    if (!edits.isEmpty()) {
      try {
        var _ = write(edits);
      } catch (ReplicaException problem) { // a damaged entry stays unchanged
        log.warn("room {}: {}", relay.document(), problem.getMessage());
      }
      presence.participants().corrected(reading().view());
    }
  }

  private void endSeatsWithoutConnection() {
    presence.participants().endSeatsWithoutConnection(reading().view());
    scheduleSettle();
  }

  /** Adds the containers that a room of an earlier version lacks. One node does this [RM1]. */
  private void addContainers() {
    if (!closed && watcher.isLeader()) {
      var _ = write(RoomSchema.addedContainers(reading().root()));
    }
  }

  private void mergeHiddenTexts() {
    if (closed || !watcher.isLeader()) {
      return;
    }
    try {
      var _ = write(hiddenTexts.merge(replica, reading().root()));
    } catch (ReplicaException problem) {
      log.error("room {}: hidden texts could not be merged", relay.document(), problem);
    }
  }

  // Followers.

  /** Adds a follower, which gets the present room first. */
  void follow(RoomFollower follower) {
    followers.add(follower, replica, reading(), presence.diff().away());
  }

  /** Sends the touched fields to the followers. */
  void flushFollowers() {
    followers.flush(replica, null);
  }

  /** A person came or went. */
  void peopleChanged() {
    if (followers.any()) {
      followers.settled(reading().view(), presence.diff().away());
    }
  }

  // RoomScope.

  @Override
  public RoomReading reading() {
    List<ChangeHash> heads = replica.heads();
    RoomReading last = cachedReading;
    if (last == null || !last.heads().equals(heads)) {
      Value root = replica.root();
      last = new RoomReading(heads, root, RoomView.read(root));
      cachedReading = last;
    }
    return last;
  }

  @Override
  public List<Value> conflicts(Path path) {
    return replica.conflicts(path);
  }

  @Override
  public Optional<String> objectAt(Path path) {
    return replica.objectAt(path);
  }

  @Override
  public CompletableFuture<Void> write(List<Edit> edits) {
    return write(edits, null);
  }

  /**
   * As {@link #write(List)}, on behalf of a participant.
   *
   * @param author null for an edit of the server
   */
  CompletableFuture<Void> write(List<Edit> edits, @Nullable EditAuthor author) {
    if (edits.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    if (author != null) {
      compareWindowsBefore(author.identity());
      followers.flush(replica, null);
    }
    Optional<Bytes> change = replica.transact(edits);
    if (change.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    scheduleSettle();
    followers.applied(this, change.get());
    if (author != null) {
      attribution.applied(change.get(), author.identity());
      followers.flush(replica, author.source());
    }
    CompletableFuture<Void> answer = new CompletableFuture<>();
    var changes = List.of(change.get());
    var _ =
        (author == null ? relay.submit(changes) : relay.submit(changes, author.caller()))
            .whenCompleteAsync((_, problem) -> submitted(answer, problem), mailbox);
    return answer;
  }

  private void submitted(CompletableFuture<Void> answer, @Nullable Throwable problem) {
    if (problem == null) {
      answer.complete(null);
      return;
    }
    Throwable cause = FutureCause.of(problem);
    if (cause instanceof SubmissionException refused
        && (refused.rule().equals("AD5") || refused.rule().equals("AD6"))) {
      answer.completeExceptionally(
          new RoomRefusal(RoomRefusal.Code.NOT_ALLOWED, "", String.valueOf(refused.getMessage())));
      onRefusal.run();
      return;
    }
    log.warn(
        "room {}: an edit of the server could not be committed: {}",
        relay.document(),
        cause.toString());
    answer.completeExceptionally(
        new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the server could not save the change"));
    if (!(cause instanceof IOException)) {
      // The relay lacks the change, so this replica differs from the document.
      onDefect.accept(cause);
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
