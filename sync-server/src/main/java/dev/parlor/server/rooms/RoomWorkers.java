package dev.parlor.server.rooms;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.quarantine.NativeCallGuard;
import dev.parlor.server.relay.DocumentOpener;
import dev.parlor.server.storage.RecordTable;
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
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room actors in use: opens them when asked for, closes idle ones, and keeps a failed one
 * closed for a while. Safe from any thread.
 */
public final class RoomWorkers implements AutoCloseable {
  /** Table of the actor ids that this server has written under: {@code <document>/<actor>}. */
  public static final String ACTOR_TABLE = "actors";

  private static final Logger log = LoggerFactory.getLogger(RoomWorkers.class);
  private static final int THREADS = 2;
  private static final long GRACE_MILLIS = 5_000;
  private static final long SETTLE_MILLIS = 20;
  private static final long FAILED_MILLIS = 10_000;
  private static final int FAILED_DOUBLINGS_MAX = 6;
  private static final long SWEEP_MILLIS = 10_000;
  private static final long CLOSE_MILLIS = 3_000;

  private final DocumentOpener relay;
  private final NativeCallGuard gate;
  private final RoomTimer timer;
  private final long idleMillis;
  private final ExecutorService pool;
  private final RoomServices context;
  private final ConcurrentMap<DocumentId, RoomWorker> actors = new ConcurrentHashMap<>();
  private final ConcurrentMap<DocumentId, Failure> failures = new ConcurrentHashMap<>();
  private volatile Function<RoomWorker, RoomWatcher> watchers = _ -> new NoWatcher();
  private volatile boolean closing;

  /** How often a room failed lately, and until when it stays closed for that. */
  private record Failure(int times, long until) {
    static Failure next(@Nullable Failure before, long now) {
      int times = before == null ? 1 : before.times + 1;
      return new Failure(times, now + (FAILED_MILLIS << Math.min(times - 1, FAILED_DOUBLINGS_MAX)));
    }
  }

  /** Of rooms without members. */
  public RoomWorkers(
      DocumentOpener relay,
      NativeCallGuard gate,
      RecordTable actorTable,
      Limits limits,
      Metrics metrics,
      RoomTimer timer,
      RandomGenerator random) {
    this(relay, gate, actorTable, Memberships.none(), limits, metrics, timer, random);
  }

  public RoomWorkers(
      DocumentOpener relay,
      NativeCallGuard gate,
      RecordTable actorTable,
      Memberships memberships,
      Limits limits,
      Metrics metrics,
      RoomTimer timer,
      RandomGenerator random) {
    this.relay = relay;
    this.gate = gate;
    this.timer = timer;
    this.idleMillis = limits.rooms().idleSeconds() * 1000L;
    AtomicInteger number = new AtomicInteger();
    this.pool =
        Executors.newFixedThreadPool(
            THREADS,
            task ->
                Thread.ofPlatform()
                    .name("rooms-" + number.incrementAndGet())
                    .daemon(true)
                    .unstarted(task));
    this.context =
        new RoomServices(
            pool,
            timer,
            random,
            gate,
            actorTable,
            memberships,
            metrics,
            limits.events(),
            GRACE_MILLIS,
            SETTLE_MILLIS,
            FixedLimits.ROOM_TASKS_MAX,
            actor -> watchers.apply(actor),
            this::closed);
    timer.after(SWEEP_MILLIS, this::sweep);
  }

  /** Sets who works along with every room; to be called before the first room opens. */
  public void watch(Function<RoomWorker, RoomWatcher> factory) {
    watchers = factory;
  }

  /**
   * The actor of a room, opened if it is not in use. Also what has to be called when a peer comes
   * to a room, so that the room is watched from then on.
   *
   * @throws RoomRefusal when the server is closing, the room failed a moment ago, or its document
   *     is in quarantine [AD8]
   */
  public RoomWorker of(DocumentId document) {
    RoomWorker open = actors.get(document);
    if (open != null && !open.isClosed()) {
      return open;
    }
    return actors.compute(
        document,
        (_, standing) -> {
          if (standing != null && !standing.isClosed()) {
            return standing;
          }
          if (closing) {
            throw new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the server is closing");
          }
          if (gate.isShut(document)) {
            throw new RoomRefusal(
                RoomRefusal.Code.UNAVAILABLE,
                "",
                "this room is in quarantine: changes are passed on and saved, nothing else is done");
          }
          Failure failure = failures.get(document);
          if (failure != null && failure.until() > timer.now()) {
            throw new RoomRefusal(
                RoomRefusal.Code.UNAVAILABLE, "", "the room failed; it opens anew in a while");
          }
          return new RoomWorker(relay.open(document), context);
        });
  }

  /**
   * Has a room watched because somebody comes in; one that cannot be is merely relayed, so this
   * keeps nobody out.
   */
  public void enter(DocumentId document) {
    try {
      var _ = of(document);
    } catch (RoomRefusal refusal) {
      log.debug("room {} is not watched: {}", document, refusal.reason());
    }
  }

  /** How many rooms are in use. */
  public int size() {
    return actors.size();
  }

  private void closed(RoomWorker actor, @Nullable Throwable cause) {
    actors.remove(actor.document(), actor);
    if (cause != null && !closing) {
      long now = timer.now();
      Failure failure =
          failures.compute(actor.document(), (_, before) -> Failure.next(before, now));
      // Peers may still be there and waiting for an answer: watch the room again, ever more rarely.
      timer.after(failure.until() - now + 1, () -> reopen(actor.document()));
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
    long since = timer.now() - idleMillis;
    actors.values().forEach(actor -> actor.closeIfIdle(since));
    long forgetBefore = timer.now() - (FAILED_MILLIS << FAILED_DOUBLINGS_MAX);
    failures.values().removeIf(failure -> failure.until() <= forgetBefore);
    if (!closing) {
      timer.after(SWEEP_MILLIS, this::sweep);
    }
  }

  /** Closes every room and waits for it, a few seconds at most. */
  @Override
  public void close() {
    closing = true;
    var all = List.copyOf(actors.values()).stream().map(RoomWorker::close).toList();
    try {
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
          .get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException problem) {
      log.warn("not every room closed in order: {}", problem.toString());
    }
    pool.shutdown();
  }

  private static final class NoWatcher implements RoomWatcher {
    @Override
    public void opened(RoomScope turn) {}

    @Override
    public void settled(RoomScope turn) {}

    @Override
    public boolean isBusy() {
      return false;
    }

    @Override
    public void closed() {}
  }
}
