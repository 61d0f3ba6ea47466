package dev.parlor.room.worker;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.ChangeOrigin;
import dev.parlor.relay.document.DocumentObserver;
import dev.parlor.relay.document.ServerDocumentHandle;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the server's work for one room. It opens the room's document, accepts requests from any
 * thread, and closes the document. All work runs in one mailbox, so the fields that are used only
 * there need no locks. {@link OpenRoom} does the work of an open room.
 *
 * <p>The relay never waits for a room worker. A defect here ends only this worker. Its callers get
 * an error, the relay continues, and {@link RoomWorkers} opens a new worker later.
 *
 * <p>A crash before the commit can lose a change that peers have already received. So no process
 * reuses the actor id of an earlier process. Every opening makes a new actor id and stores it
 * before its first change.
 */
public final class RoomWorker {
  private static final Logger log = LoggerFactory.getLogger(RoomWorker.class);

  /** The reason of a close after which the room is opened again at once. */
  private static final String REOPENS = "the room is opened again; try again";

  private final ServerDocumentHandle relay;
  private final RoomServices services;
  private final SerialExecutor mailbox;
  private final RoomEvents events;
  private final RoomDiff diff;
  private final ParticipantFields participants;
  private final RoomWatcher watcher;
  private final RoomFollowers followers;
  private final RoomAttendance attendance;
  private final RemoteSenders remoteSenders = new RemoteSenders();
  private final ArrivedChanges arrivedChanges = new ArrivedChanges();

  private volatile long lastUsed;
  private volatile boolean closed;

  // Used in the mailbox only.
  private State state = new State.Opening();
  private @Nullable Observer observer;

  /** Requests that arrived before the room was open. */
  private final List<Runnable> earlyRequests = new ArrayList<>();

  private sealed interface State {
    /** The document is being loaded, and its actor id is being stored. */
    record Opening() implements State {}

    record Open(OpenRoom room) implements State {}

    record Closed(String reason) implements State {}
  }

  RoomWorker(ServerDocumentHandle relay, RoomServices services) {
    this.relay = relay;
    this.services = services;
    this.mailbox = new SerialExecutor(services.pool(), this::fail);
    this.events = services.newEvents();
    this.diff = new RoomDiff(events, services.timer());
    this.participants = new ParticipantFields(relay.document(), services.memberships());
    this.lastUsed = services.timer().now();
    this.followers = new RoomFollowers(services.timer());
    events.listen(followers::published);
    this.watcher = services.watchers().apply(this);
    this.attendance = services.attendance().apply(this);
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
   * Identities that have been disconnected for longer than the grace time. The turn order skips
   * them.
   */
  public CompletableFuture<Set<String>> away() {
    return call(_ -> diff.away());
  }

  /** Encodes the whole document as one Automerge document chunk. */
  public CompletableFuture<Bytes> save() {
    return callOpen(OpenRoom::save);
  }

  /**
   * Edits the room. The plan is computed on the room's thread from the present room. It may throw
   * {@link RoomRefusal} and must not block.
   *
   * @return the plan's answer, after the commit
   */
  public <T> CompletableFuture<T> edit(Function<RoomView, EditPlan<T>> plan) {
    return edit(plan, null);
  }

  /**
   * As {@link #edit(Function)}, on behalf of a participant. The edit is admitted under the
   * participant's rights, and events name the participant.
   */
  public <T> CompletableFuture<T> edit(EditAuthor author, Function<RoomView, EditPlan<T>> plan) {
    return edit(plan, author);
  }

  private <T> CompletableFuture<T> edit(
      Function<RoomView, EditPlan<T>> plan, @Nullable EditAuthor author) {
    return callOpen(
            open -> {
              EditPlan<T> planned = plan.apply(open.reading().view());
              return new FutureAnswer<>(
                  open.write(planned.edits(), author).thenApply(_ -> planned.answer()));
            })
        .thenCompose(FutureAnswer::answer);
  }

  // Connections without the sync protocol.

  /**
   * Adds a follower. Completes after its first call. A follower that was added before gets {@link
   * RoomFollower#began} again.
   */
  public CompletableFuture<Void> follow(RoomFollower follower) {
    return callOpen(
        open -> {
          open.follow(follower);
          return null;
        });
  }

  /** Removes a follower; a call may still arrive until the room's thread has removed it. */
  public void unfollow(RoomFollower follower) {
    mailbox.execute(() -> followers.remove(follower));
  }

  /**
   * A participant connected without the sync protocol.
   *
   * @param connection an id that no other connection has
   */
  public void connected(String connection, String identity, Caller caller) {
    mailbox.execute(() -> peerJoined(connection, identity, caller));
  }

  /** A connection of {@link #connected} ended. */
  public void disconnected(String connection, String identity) {
    mailbox.execute(() -> departed(connection, identity));
  }

  // Connections of other nodes; from any thread.

  void arrivedElsewhere(RemotePerson person) {
    mailbox.execute(
        () -> {
          participants.arrivedElsewhere(person.identity());
          diff.arrivedElsewhere(person.identity());
          attendance.away(diff.away());
          var peer = new PeerId(person.connection());
          remoteSenders
              .arrived(peer, person.caller())
              .ifPresent(data -> followers.ephemeral(peer, person.caller(), data));
          peopleChanged();
        });
  }

  void departedElsewhere(RemotePerson person) {
    mailbox.execute(
        () -> {
          awaitReturn(person.identity(), diff.departedElsewhere(person.identity()));
          var peer = new PeerId(person.connection());
          remoteSenders.left(peer);
          followers.peerLeft(peer);
        });
  }

  void awayElsewhere(Set<String> identities) {
    mailbox.execute(
        () -> {
          if (diff.awayElsewhere(identities)) {
            attendance.away(diff.away());
            peopleChanged();
          }
        });
  }

  private void peopleChanged() {
    if (state instanceof State.Open(var room)) {
      room.peopleChanged();
    }
  }

  /** Sends an ephemeral message in the name of a participant of {@link #connected}. */
  public void broadcastAs(PeerId sender, SessionId session, long count, Bytes cborData) {
    relay.broadcastAs(sender, session, count, cborData);
  }

  /** As {@link #call}, for a task whose answer is a future. */
  public <T> CompletableFuture<T> callAsync(Function<RoomScope, CompletableFuture<T>> task) {
    return call(scope -> new FutureAnswer<>(task.apply(scope))).thenCompose(FutureAnswer::answer);
  }

  /** Wraps a future, since Error Prone reports a future of a future as ignored. */
  private record FutureAnswer<T>(CompletableFuture<T> answer) {}

  /** Runs a task on the room's thread once the room is open. */
  public <T> CompletableFuture<T> call(Function<RoomScope, T> task) {
    return callOpen(task::apply);
  }

  private <T> CompletableFuture<T> callOpen(Function<OpenRoom, T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    lastUsed = services.timer().now();
    if (mailbox.pendingTasks() > services.tasksMax()) {
      answer.completeExceptionally(
          new RoomRefusal(RoomRefusal.Code.BUSY, "", "the room is busy; try again later"));
      return answer;
    }
    mailbox.execute(() -> callNow(task, answer));
    return answer;
  }

  private <T> void callNow(Function<OpenRoom, T> task, CompletableFuture<T> answer) {
    switch (state) {
      case State.Opening _ -> earlyRequests.add(() -> callNow(task, answer));
      case State.Closed(var reason) ->
          answer.completeExceptionally(new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", reason));
      case State.Open(var room) -> {
        try {
          answer.complete(task.apply(room));
        } catch (
            RuntimeException problem) { // the fault of the caller: a refusal or an invalid edit
          answer.completeExceptionally(problem);
        }
      }
    }
  }

  // Opening and closing.

  private void open() {
    attendance.begin();
    ActorId actor = services.newActorId();
    String key = document() + "/" + actor;
    var actorStored =
        services.actorTable().put(key, Bytes.utf8(Long.toString(services.timer().now())));
    Observer opening = new Observer(actor, actorStored);
    observer = opening;
    relay.observe(opening);
  }

  private void load(Observer from, Optional<Bytes> snapshot, List<Bytes> changes) {
    if (from != observer) {
      return;
    }
    Replica replica =
        services
            .guard()
            .run(
                document(),
                NativeCall.of(Work.OPEN, snapshot, changes),
                () -> Replica.load(snapshot, changes, from.actor));
    var _ =
        from.actorStored.whenCompleteAsync(
            (_, problem) -> {
              if (from != observer || !(state instanceof State.Opening)) {
                replica.close();
              } else if (problem != null) {
                replica.close();
                close("the disk refuses to store", problem);
              } else {
                begin(replica, changes);
              }
            },
            mailbox);
  }

  private void begin(Replica replica, List<Bytes> changesSinceSnapshot) {
    OpenRoom room =
        new OpenRoom(
            replica,
            relay,
            services,
            mailbox,
            new OpenRoom.Presence(events, diff, participants),
            watcher,
            followers,
            this::fail,
            () -> close(REOPENS, null));
    state = new State.Open(room);
    room.begin(changesSinceSnapshot);
    applyArrivedChanges();
    runEarlyRequests();
  }

  private void runEarlyRequests() {
    List<Runnable> requests = List.copyOf(earlyRequests);
    earlyRequests.clear();
    requests.forEach(Runnable::run);
  }

  /** Ends this worker because of a defect. */
  private void fail(Throwable defect) {
    if (!(state instanceof State.Closed)) {
      services.metrics().relayMetrics().documentFailed();
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
    if (before instanceof State.Open(var room)) {
      room.close();
    }
    watcher.closed();
    attendance.close();
    followers.close();
    events.end();
    runEarlyRequests();
    services.onClosed().accept(this, cause);
    if (reason.equals(REOPENS)) {
      services.onRefusal().accept(document());
    }
  }

  /** Closes the room after all earlier requests. */
  CompletableFuture<Void> close() {
    return CompletableFuture.runAsync(() -> close("the room is closing", null), mailbox);
  }

  /** Closes the room if it has not been used since this time and is not busy. */
  void closeIfIdle(long since) {
    mailbox.execute(
        () -> {
          if (lastUsed <= since
              && !diff.hasConnections()
              && events.subscribers() == 0
              && !followers.any()
              && earlyRequests.isEmpty()
              && !watcher.isBusy()) {
            close("the room is closing", null);
          }
        });
  }

  boolean isClosed() {
    return closed;
  }

  // Following the relay.

  private void applyArrivedChanges() {
    if (state instanceof State.Open(var room)) {
      List<ArrivedChanges.Arrival> arrivals = arrivedChanges.drain();
      if (!arrivals.isEmpty()) {
        room.apply(arrivals);
      }
    }
  }

  private void peerJoined(String connection, String identity, Caller caller) {
    participants.arrived(identity, caller);
    diff.arrived(identity);
    attendance.connected(new RemotePerson(connection, identity, caller.role()));
    attendance.away(diff.away());
    if (state instanceof State.Open(var room)) {
      if (caller.identity().isEmpty()) {
        room.scheduleSettle();
      }
      room.peopleChanged();
    }
  }

  private void departed(String connection, String identity) {
    lastUsed = services.timer().now();
    attendance.disconnected(connection);
    awaitReturn(identity, diff.departed(identity));
  }

  /** Confirms a departure after the grace time; 0 is no departure. */
  private void awaitReturn(String identity, long departure) {
    if (departure > 0) {
      Runnable confirm = () -> confirmDeparture(identity, departure);
      services.timer().after(services.graceMillis(), () -> mailbox.execute(confirm));
    }
  }

  private void confirmDeparture(String identity, long departure) {
    if (diff.confirmDeparture(identity, departure)) {
      participants.left(identity);
      attendance.away(diff.away());
      if (state instanceof State.Open(var room)) {
        if (ParticipantFields.isGuest(identity)) {
          room.scheduleSettle();
        }
        room.peopleChanged();
      }
    }
  }

  /** Passes the relay's calls, which come on its threads, to the mailbox. */
  private final class Observer implements DocumentObserver {
    private final ActorId actor;
    private final CompletableFuture<Void> actorStored;

    Observer(ActorId actor, CompletableFuture<Void> actorStored) {
      this.actor = actor;
      this.actorStored = actorStored;
    }

    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {
      mailbox.execute(() -> load(this, snapshot, changes));
    }

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {
      if (arrivedChanges.add(changes, origin)) {
        mailbox.execute(RoomWorker.this::applyArrivedChanges);
      }
    }

    @Override
    public void peerJoined(PeerId peer, Caller caller) {
      mailbox.execute(
          () -> RoomWorker.this.peerJoined(peer.value(), caller.identity(peer), caller));
    }

    @Override
    public void peerLeft(PeerId peer, Caller caller) {
      mailbox.execute(
          () -> {
            departed(peer.value(), caller.identity(peer));
            followers.peerLeft(peer);
          });
    }

    @Override
    public void ephemeral(PeerId sender, Caller caller, Bytes data) {
      if (followers.any()) {
        mailbox.execute(() -> followers.ephemeral(sender, caller, data));
      }
    }

    @Override
    public void messageOfNode(Bytes data) {
      mailbox.execute(
          () -> {
            if (state instanceof State.Open) {
              watcher.messageOfNode(data);
            }
          });
    }

    @Override
    public void ephemeralFromNode(PeerId sender, Bytes data) {
      if (followers.any()) {
        mailbox.execute(
            () ->
                remoteSenders
                    .callerOf(sender, data)
                    .ifPresent(caller -> followers.ephemeral(sender, caller, data)));
      }
    }

    @Override
    public void failed(Throwable cause) {
      mailbox.execute(
          () -> close("the room failed and is closed for a short time; try again later", cause));
    }
  }
}
