package dev.parlor.server.rooms;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.room.RoomFields;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.quarantine.NativeCallGuard.Handed;
import dev.parlor.server.quarantine.NativeCallGuard.Work;
import dev.parlor.server.relay.ChangeOrigin;
import dev.parlor.server.relay.DocumentObserver;
import dev.parlor.server.relay.ServerDocumentHandle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's worker for one room. It owns a replica of the document, which follows the relay. All
 * work runs in one mailbox, so the plain fields marked below need no locks.
 *
 * <p>The relay never waits for a room worker. A defect here ends this worker alone: its callers get
 * an error, the relay continues, and {@link RoomWorkers} opens a new worker later.
 *
 * <p>A crash before the commit can lose a change that peers have already received. So no process
 * reuses the actor id of an earlier process: every opening makes a new actor id and stores it
 * before its first change.
 */
public final class RoomWorker {
  private static final Logger log = LoggerFactory.getLogger(RoomWorker.class);

  private final ServerDocumentHandle relay;
  private final RoomServices services;
  private final SerialExecutor mailbox;
  private final RoomEvents events;
  private final RoomDiff diff;
  private final TruncationNotices truncationNotices;
  private final ParticipantFields participants;
  private final HiddenTexts hiddenTexts;
  private final ChangeAttribution attribution = new ChangeAttribution();
  private final RoomWatcher watcher;
  private final Scope scope = new Scope();

  /** Changes from the relay that the mailbox has not processed yet; guarded by itself. */
  private final List<Arrival> arrived = new ArrayList<>();

  private volatile long lastUsed;
  private volatile boolean closed;

  // Used in the mailbox only.
  private State state = new State.Opening();
  private @Nullable Observer observer;
  private @Nullable RoomReading cached;
  private boolean settling;
  private long settledAt;
  private long settleCostMillis;
  private final List<Runnable> waiting = new ArrayList<>();

  private record Arrival(Bytes change, ChangeOrigin origin) {}

  private sealed interface State {
    /** Waits for the document and for its actor id to be on disk. */
    record Opening() implements State {}

    record Open(Replica replica) implements State {}

    record Closed(String reason) implements State {}
  }

  RoomWorker(ServerDocumentHandle relay, RoomServices services) {
    this.relay = relay;
    this.services = services;
    this.mailbox = new SerialExecutor(services.pool(), this::fail);
    this.events = services.newEvents();
    this.diff = new RoomDiff(events, services.timer());
    this.truncationNotices = new TruncationNotices(relay::broadcast);
    this.participants = new ParticipantFields(relay.document(), services.memberships());
    this.hiddenTexts = new HiddenTexts(relay::broadcast);
    this.lastUsed = services.timer().now();
    this.watcher = services.watchers().apply(this);
    mailbox.execute(this::open);
  }

  public DocumentId document() {
    return relay.document();
  }

  /** The room's events. */
  public RoomEvents events() {
    return events;
  }

  /** Reads the present room. */
  public CompletableFuture<RoomReading> read() {
    return call(RoomScope::reading);
  }

  public CompletableFuture<RoomView> view() {
    return call(open -> open.reading().view());
  }

  /**
   * Identities that were connected and are gone for longer than a reload takes; the turn order
   * skips them.
   */
  public CompletableFuture<Set<String>> away() {
    return call(_ -> diff.away());
  }

  /** The whole document as one Automerge document chunk. */
  public CompletableFuture<Bytes> save() {
    return call(_ -> replica().save());
  }

  /**
   * Edits the room. The plan is computed on the room's thread against the present room. It may
   * throw {@link RoomRefusal} and must not block.
   *
   * @return the plan's answer, after the commit
   */
  public <T> CompletableFuture<T> edit(Function<RoomView, EditPlan<T>> plan) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    var planned =
        call(
            open -> {
              EditPlan<T> made = plan.apply(open.reading().view());
              var _ =
                  open.write(made.edits())
                      .whenComplete((_, problem) -> finish(answer, made.answer(), problem));
              return made;
            });
    var _ =
        planned.whenComplete(
            (_, problem) -> {
              if (problem != null) {
                answer.completeExceptionally(problem);
              }
            });
    return answer;
  }

  private static <T> void finish(
      CompletableFuture<T> answer, T value, @Nullable Throwable problem) {
    if (problem == null) {
      answer.complete(value);
    } else {
      answer.completeExceptionally(problem);
    }
  }

  /** Runs a task on the room's thread once the room is open. */
  public <T> CompletableFuture<T> call(Function<RoomScope, T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    lastUsed = services.timer().now();
    if (mailbox.waiting() > services.tasksMax()) {
      answer.completeExceptionally(
          new RoomRefusal(RoomRefusal.Code.BUSY, "", "the room is busy; try again later"));
      return answer;
    }
    mailbox.execute(() -> callNow(task, answer));
    return answer;
  }

  private <T> void callNow(Function<RoomScope, T> task, CompletableFuture<T> answer) {
    switch (state) {
      case State.Opening _ -> waiting.add(() -> callNow(task, answer));
      case State.Closed gone ->
          answer.completeExceptionally(
              new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", gone.reason()));
      case State.Open _ -> {
        try {
          answer.complete(task.apply(scope));
        } catch (RuntimeException problem) { // the caller's error: a refusal, or an invalid edit
          answer.completeExceptionally(problem);
        }
      }
    }
  }

  // Opening and closing.

  private void open() {
    ActorId actor = services.newActorId();
    String key = document() + "/" + actor;
    var recorded =
        services.actorTable().put(key, Bytes.utf8(Long.toString(services.timer().now())));
    Observer opening = new Observer(actor, recorded);
    observer = opening;
    relay.observe(opening);
  }

  private void load(Observer from, Optional<Bytes> snapshot, List<Bytes> changes) {
    if (from != observer) {
      return;
    }
    Replica replica =
        services
            .gate()
            .hand(
                document(),
                Handed.of(Work.OPEN, snapshot, changes),
                () -> Replica.load(snapshot, changes, from.actor));
    var _ =
        from.recorded.whenCompleteAsync(
            (_, problem) -> {
              if (from != observer || !(state instanceof State.Opening)) {
                replica.close();
              } else if (problem != null) {
                replica.close();
                close("the disk refuses to store", problem);
              } else {
                begin(replica);
              }
            },
            mailbox);
  }

  private void begin(Replica replica) {
    state = new State.Open(replica);
    diff.begin(scope.reading().view());
    truncationNotices.begin(scope.reading().view());
    participants.begin(scope.reading().view());
    scope.after(services.graceMillis(), this::endSeatsWithoutConnection);
    hiddenTexts.begin(replica);
    watcher.opened(scope);
    scheduleSettle(); // texts may be hidden already
    takeArrived();
    List<Runnable> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(Runnable::run);
  }

  /** A defect: this worker ends, and the failure is logged. */
  private void fail(Throwable defect) {
    if (!(state instanceof State.Closed)) {
      services.metrics().relay().documentFailed();
      close("the room failed and is closed for a short time; try again later", defect);
    }
  }

  private void close(String reason, @Nullable Throwable cause) {
    if (state instanceof State.Closed) {
      return;
    }
    if (cause != null) {
      log.error("room {}: {}", document(), reason, cause);
    }
    State before = state;
    state = new State.Closed(reason);
    closed = true;
    if (observer != null) {
      relay.unobserve(observer);
      observer = null;
    }
    watcher.closed();
    events.end();
    cached = null;
    if (before instanceof State.Open open) {
      open.replica().close();
    }
    List<Runnable> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(Runnable::run);
    services.onClosed().accept(this, cause);
  }

  /** Closes in order: all earlier requests are processed first. */
  CompletableFuture<Void> close() {
    return CompletableFuture.runAsync(() -> close("the room is closing", null), mailbox);
  }

  /** Closes the room if it has not been used since that time and is not busy. */
  void closeIfIdle(long since) {
    mailbox.execute(
        () -> {
          if (lastUsed <= since
              && diff.nobodyHere()
              && events.subscribers() == 0
              && waiting.isEmpty()
              && !watcher.isBusy()) {
            close("the room is closing", null);
          }
        });
  }

  boolean isClosed() {
    return closed;
  }

  // Following the relay.

  private void takeArrived() {
    List<Arrival> arrivals;
    synchronized (arrived) {
      arrivals = List.copyOf(arrived);
      arrived.clear();
    }
    if (arrivals.isEmpty() || !(state instanceof State.Open open)) {
      return;
    }
    long start = System.nanoTime();
    if (arrivals.size() <= FixedLimits.GLANCES_MAX) {
      for (Arrival arrival : arrivals) {
        author(arrival.origin()).ifPresent(person -> handOver(open.replica(), person));
        apply(open.replica(), List.of(arrival.change()));
        took(arrival);
        watcher.glance(scope);
      }
    } else {
      apply(open.replica(), arrivals.stream().map(Arrival::change).toList());
      arrivals.forEach(this::took);
      watcher.glance(scope);
    }
    services.metrics().nativeApplied(System.nanoTime() - start);
    scheduleSettle();
  }

  private void took(Arrival arrival) {
    hiddenTexts.took(arrival.change());
    author(arrival.origin()).ifPresent(person -> attribution.took(arrival.change(), person));
  }

  /**
   * The author of a change is the peer that sent it, except for changes that a crash kept from the
   * disk [AD4].
   */
  private static Optional<String> author(ChangeOrigin origin) {
    return origin instanceof ChangeOrigin.FromPeer(var peer, var caller)
        ? Optional.of(Observer.identity(peer, caller))
        : Optional.empty();
  }

  /** Compares the windows before another author's change, if the events need an author each. */
  private void handOver(Replica replica, String next) {
    long start = System.nanoTime();
    if (attribution.lookFirst(next, start)) {
      Path path = Path.of(RoomFields.WINDOWS);
      replica
          .read(path)
          .ifPresent(it -> diff.windows(RoomView.readWindows(it), attribution.soleAuthor()));
      attribution.looked(start, System.nanoTime() - start);
    }
  }

  private void apply(Replica replica, List<Bytes> changes) {
    services
        .gate()
        .hand(
            document(),
            Handed.of(Work.APPLY, changes),
            () -> {
              replica.apply(changes);
              return true;
            });
  }

  /**
   * Reads the room after a change: at once if the room is idle. Under a stream of changes, reading
   * takes at most a fifth of the time.
   */
  private void scheduleSettle() {
    if (settling) {
      return;
    }
    settling = true;
    long wait =
        settledAt
            + Math.max(services.settleMillis(), 4 * settleCostMillis)
            - services.timer().now();
    if (wait <= 0) {
      mailbox.execute(this::settle);
    } else {
      services.timer().after(wait, () -> mailbox.execute(this::settle));
    }
  }

  private void settle() {
    settling = false;
    if (!(state instanceof State.Open)) {
      return;
    }
    settledAt = services.timer().now();
    long start = System.nanoTime();
    correctPeople();
    diff.settled(scope.reading(), attribution.soleAuthor());
    truncationNotices.settled(scope.reading().view(), attribution.authors());
    attribution.settled();
    watcher.settled(scope);
    showHiddenTexts();
    settleCostMillis = Math.min(250, (System.nanoTime() - start) / 1_000_000);
  }

  /**
   * Runs before every other reader of the room, so that a guest that asks for something has its
   * seat by then.
   */
  private void correctPeople() {
    List<Edit> edits = participants.corrections(scope.reading().view(), scope.now());
    if (!edits.isEmpty()) {
      try {
        var _ = scope.write(edits);
      } catch (ReplicaException problem) { // an entry that no edit fits stays unchanged
        log.warn("room {}: {}", document(), problem.getMessage());
      }
      participants.corrected(scope.reading().view());
    }
  }

  private void endSeatsWithoutConnection() {
    participants.endSeatsWithoutConnection(scope.reading().view());
    scheduleSettle();
  }

  private void peerArrived(String identity, Caller caller) {
    participants.arrived(identity, caller);
    diff.arrived(identity);
    if (caller.identity().isEmpty() && state instanceof State.Open) {
      scheduleSettle();
    }
  }

  private void confirmDeparture(String identity, long departure) {
    if (diff.confirmDeparture(identity, departure)) {
      participants.left(identity);
      if (ParticipantFields.isGuest(identity) && state instanceof State.Open) {
        scheduleSettle();
      }
    }
  }

  private void showHiddenTexts() {
    if (!(state instanceof State.Open open) || !watcher.leads()) {
      return;
    }
    try {
      var _ = submit(hiddenTexts.look(open.replica(), scope.reading().root()));
    } catch (ReplicaException problem) {
      log.error("room {}: hidden texts could not be merged", document(), problem);
    }
  }

  private Replica replica() {
    if (state instanceof State.Open open) {
      return open.replica();
    }
    throw new IllegalStateException("room " + document() + " is not open");
  }

  private CompletableFuture<Void> submit(List<Edit> edits) {
    if (edits.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    Optional<Bytes> change = replica().transact(edits);
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
    Throwable cause =
        problem instanceof CompletionException && problem.getCause() != null
            ? problem.getCause()
            : problem;
    log.warn(
        "room {}: an edit of the server could not be committed: {}", document(), cause.toString());
    answer.completeExceptionally(
        new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the server could not save the change"));
    if (!(cause instanceof IOException)) {
      // The relay lacks the change, so this replica differs from the document.
      fail(cause);
    }
  }

  /** The watcher's access to the room. */
  private final class Scope implements RoomScope {
    @Override
    public RoomReading reading() {
      List<ChangeHash> heads = replica().heads();
      RoomReading last = cached;
      if (last == null || !last.heads().equals(heads)) {
        Value root = replica().root();
        last = new RoomReading(heads, root, RoomView.read(root));
        cached = last;
      }
      return last;
    }

    @Override
    public List<Value> conflicts(Path path) {
      return replica().conflicts(path);
    }

    @Override
    public CompletableFuture<Void> write(List<Edit> edits) {
      return submit(edits);
    }

    @Override
    public void later(Runnable task) {
      mailbox.execute(
          () -> {
            if (state instanceof State.Open) {
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
      events.publish(event, now(), data);
    }

    @Override
    public void broadcast(Bytes cborData) {
      relay.broadcast(cborData);
    }
  }

  /** The relay calls this on its own thread; every call is passed to the mailbox. */
  private final class Observer implements DocumentObserver {
    private final ActorId actor;
    private final CompletableFuture<Void> recorded;

    Observer(ActorId actor, CompletableFuture<Void> recorded) {
      this.actor = actor;
      this.recorded = recorded;
    }

    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {
      mailbox.execute(() -> load(this, snapshot, changes));
    }

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {
      boolean first;
      synchronized (arrived) {
        first = arrived.isEmpty();
        changes.forEach(change -> arrived.add(new Arrival(change, origin)));
      }
      if (first) {
        mailbox.execute(RoomWorker.this::takeArrived);
      }
    }

    @Override
    public void peerJoined(PeerId peer, Caller caller) {
      mailbox.execute(() -> peerArrived(identity(peer, caller), caller));
    }

    @Override
    public void peerLeft(PeerId peer, Caller caller) {
      mailbox.execute(
          () -> {
            lastUsed = services.timer().now();
            String identity = identity(peer, caller);
            long departure = diff.departed(identity);
            if (departure > 0) {
              Runnable confirm = () -> confirmDeparture(identity, departure);
              services.timer().after(services.graceMillis(), () -> mailbox.execute(confirm));
            }
          });
    }

    @Override
    public void failed(Throwable cause) {
      mailbox.execute(
          () -> close("the room failed and is closed for a short time; try again later", cause));
    }

    private static String identity(PeerId peer, Caller caller) {
      return caller.identity().orElse("guest:" + peer.value());
    }
  }
}
