package dev.parlor.room.worker;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.document.DocumentOpener;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manages the workers of all open rooms. Opens a room on request, closes idle rooms, and keeps a
 * failed room closed for some time. Safe from any thread.
 */
public final class RoomWorkers implements AutoCloseable {
  /** Table of the actor ids that this server has written with: {@code <document>/<actor>}. */
  public static final String ACTOR_TABLE = "actors";

  private static final Logger log = LoggerFactory.getLogger(RoomWorkers.class);
  private static final int THREADS = 2;
  private static final long GRACE_MILLIS = 5_000;
  private static final long SETTLE_MILLIS = 20;

  /** Time that a room stays closed after its first failure. Each further failure doubles it. */
  private static final long FAILED_MILLIS = 10_000;

  private static final int FAILED_DOUBLINGS_MAX = 6;
  private static final long SWEEP_MILLIS = 10_000;

  /** Longest wait for all rooms to close. */
  private static final long CLOSE_MILLIS = 3_000;

  private final DocumentOpener relay;
  private final NativeCallGuard guard;
  private final RoomTimer timer;
  private final long idleMillis;
  private final ExecutorService pool;
  private final RoomServices services;
  private final ConcurrentMap<DocumentId, RoomWorker> workers = new ConcurrentHashMap<>();
  private final ConcurrentMap<DocumentId, Failure> failures = new ConcurrentHashMap<>();
  private volatile Function<RoomWorker, RoomWatcher> watchers = _ -> new NoWatcher();
  private volatile Predicate<DocumentId> outOfReach = _ -> false;
  private volatile Function<RoomWorker, RoomAttendance> attendance = _ -> RoomAttendance.NONE;
  private volatile boolean closing;

  /** The number of recent failures of a room, and the time until which it stays closed. */
  private record Failure(int times, long closedUntil) {
    static Failure next(@Nullable Failure before, long now) {
      int times = before == null ? 1 : before.times + 1;
      return new Failure(times, now + (FAILED_MILLIS << Math.min(times - 1, FAILED_DOUBLINGS_MAX)));
    }
  }

  /** Creates workers for rooms without members. */
  public RoomWorkers(
      DocumentOpener relay,
      NativeCallGuard guard,
      RecordTable actorTable,
      ServiceLimits limits,
      RoomMetrics metrics,
      RoomTimer timer,
      RandomGenerator random) {
    this(relay, guard, actorTable, Memberships.none(), limits, metrics, timer, random);
  }

  public RoomWorkers(
      DocumentOpener relay,
      NativeCallGuard guard,
      RecordTable actorTable,
      Memberships memberships,
      ServiceLimits limits,
      RoomMetrics metrics,
      RoomTimer timer,
      RandomGenerator random) {
    this.relay = relay;
    this.guard = guard;
    this.timer = timer;
    this.idleMillis = limits.relay().documents().idleSeconds() * 1000L;
    AtomicInteger number = new AtomicInteger();
    this.pool =
        Executors.newFixedThreadPool(
            THREADS,
            task ->
                Thread.ofPlatform()
                    .name("rooms-" + number.incrementAndGet())
                    .daemon(true)
                    .unstarted(task));
    this.services =
        new RoomServices(
            pool,
            timer,
            random,
            guard,
            actorTable,
            memberships,
            metrics,
            limits.events(),
            GRACE_MILLIS,
            SETTLE_MILLIS,
            FixedServiceLimits.ROOM_TASKS_MAX,
            worker -> watchers.apply(worker),
            this::closed,
            this::reopen,
            worker -> attendance.apply(worker));
    timer.after(SWEEP_MILLIS, this::sweep);
  }

  /** Sets the factory of watchers; call it before the first room opens. */
  public void watch(Function<RoomWorker, RoomWatcher> factory) {
    watchers = factory;
  }

  /** Shares with other nodes who is connected; call it before the first room opens. */
  public void attend(SharedAttendance shared) {
    attendance = shared::open;
  }

  /**
   * Sets the test for rooms that cannot be opened at present, because the storage is away; call it
   * before the first room opens.
   */
  public void refuseOutOfReach(Predicate<DocumentId> test) {
    outOfReach = test;
  }

  /**
   * The worker of a room. Opens the room if it is not open.
   *
   * @throws RoomRefusal if the server is closing, the room failed recently, or its document is in
   *     quarantine [AD8]
   */
  public RoomWorker of(DocumentId document) {
    RoomWorker open = workers.get(document);
    if (open != null && !open.isClosed()) {
      return open;
    }
    return workers.compute(
        document,
        (_, current) -> {
          if (current != null && !current.isClosed()) {
            return current;
          }
          if (closing) {
            throw new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the server is closing");
          }
          if (outOfReach.test(document)) {
            throw new RoomRefusal(
                RoomRefusal.Code.UNAVAILABLE, "", "the server cannot reach its storage");
          }
          if (guard.isQuarantined(document)) {
            throw new RoomRefusal(
                RoomRefusal.Code.UNAVAILABLE,
                "",
                "the room is in quarantine: the server only relays and saves its changes");
          }
          Failure failure = failures.get(document);
          if (failure != null && failure.closedUntil() > timer.now()) {
            throw new RoomRefusal(
                RoomRefusal.Code.UNAVAILABLE,
                "",
                "the room failed and is closed for a short time; try again later");
          }
          return new RoomWorker(relay.open(document), services);
        });
  }

  /**
   * Opens a room because a peer joins. If the room cannot be opened, the peer can still join, and
   * the relay serves the document without a worker.
   */
  public void enter(DocumentId document) {
    try {
      var _ = of(document);
    } catch (RoomRefusal refusal) {
      log.debug("room {} has no worker: {}", document, refusal.reason());
    }
  }

  /** The state of a room on this server, without opening it. */
  public RoomStatus status(DocumentId document) {
    var open = workers.get(document);
    if (guard.isQuarantined(document)) {
      return new RoomStatus(RoomStatus.State.QUARANTINED, 0);
    }
    var failure = failures.get(document);
    if (failure != null && failure.closedUntil() > timer.now()) {
      return new RoomStatus(RoomStatus.State.FAILED, failure.closedUntil() - timer.now());
    }
    return open == null || open.isClosed()
        ? new RoomStatus(RoomStatus.State.CLOSED, 0)
        : new RoomStatus(RoomStatus.State.OPEN, 0);
  }

  /** Runs a task after a delay, on the thread of the timer, which must not be blocked. */
  public void after(long millis, Runnable task) {
    timer.after(millis, task);
  }

  /** The number of open rooms. */
  public int size() {
    return workers.size();
  }

  private void closed(RoomWorker worker, @Nullable Throwable cause) {
    workers.remove(worker.document(), worker);
    if (cause != null && !closing) {
      long now = timer.now();
      Failure failure =
          failures.compute(worker.document(), (_, before) -> Failure.next(before, now));
      // Peers may still wait for a result, so the room is opened again, with growing delays.
      timer.after(failure.closedUntil() - now + 1, () -> reopen(worker.document()));
    }
  }

  private void reopen(DocumentId document) {
    try {
      var _ = of(document);
    } catch (RoomRefusal refusal) {
      log.warn("room {} stays closed: {}", document, refusal.reason());
    }
  }

  private void sweep() {
    long idleSince = timer.now() - idleMillis;
    workers.values().forEach(worker -> worker.closeIfIdle(idleSince));
    long forgetBefore = timer.now() - (FAILED_MILLIS << FAILED_DOUBLINGS_MAX);
    failures.values().removeIf(failure -> failure.closedUntil() <= forgetBefore);
    if (!closing) {
      timer.after(SWEEP_MILLIS, this::sweep);
    }
  }

  /** Closes every room. Waits up to {@value #CLOSE_MILLIS} ms. */
  @Override
  public void close() {
    closing = true;
    var closings = List.copyOf(workers.values()).stream().map(RoomWorker::close).toList();
    try {
      CompletableFuture.allOf(closings.toArray(CompletableFuture[]::new))
          .get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException problem) {
      log.warn("some rooms did not close in order: {}", problem.toString());
    }
    pool.shutdown();
  }

  private static final class NoWatcher implements RoomWatcher {
    @Override
    public void opened(RoomScope scope) {}

    @Override
    public void settled(RoomScope scope) {}

    @Override
    public boolean isBusy() {
      return false;
    }

    @Override
    public void closed() {}
  }
}
