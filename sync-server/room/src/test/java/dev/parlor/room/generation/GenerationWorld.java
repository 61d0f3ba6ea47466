package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.ModelRequest;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A seeded simulation around {@link GenerationState}. Peers write locks and stops at any moment,
 * some after being offline. There are forgers, a disk that commits at random times, a model, and
 * crashing processes. Every step checks the invariants, and the end checks the final conditions.
 */
final class GenerationWorld {
  private final Random random;
  private final FakeRoom room = new FakeRoom();
  private final List<String> requests = new ArrayList<>();
  private final ServiceLimits.Generation limits =
      new ServiceLimits.Generation(1_000, 180, 500, 64, 30, 4_000);

  // The disk.
  private long diskEpoch;
  private final Map<String, RunRecord> diskRecords = new LinkedHashMap<>();
  private final Deque<Commit> commits = new ArrayDeque<>();

  // The process.
  private GenerationState state;
  private final List<Alarm> alarms = new ArrayList<>();
  private long now = 1_000_000;
  private @Nullable Live live;
  private FakeRoom.ServerFieldsCopy checkpoint = room.copyServerFields();

  // State of the checks.
  private final List<Long> epochsCalled = new ArrayList<>();
  private final Map<String, String> finals = new HashMap<>();
  private final Set<String> seen = new TreeSet<>();
  private final Set<String> excused = new TreeSet<>();
  private final Set<String> settledHere = new LinkedHashSet<>();
  private final Map<String, StringBuilder> told = new HashMap<>();
  int forged;

  private record Commit(Runnable write, GenerationInput answer) {}

  private record Alarm(long at, GenerationInput input) {}

  /** A model call in progress. */
  private record Live(long epoch) {}

  GenerationWorld(long seed) {
    random = new Random(seed);
    state = newProcess();
  }

  private GenerationState newProcess() {
    return new GenerationState(
        limits,
        "stub",
        (lock, view) ->
            new BuiltPrompt(
                new ModelRequest("stub", List.of(), OptionalInt.empty()),
                "stub",
                "prompt with " + view.cards().size() + " cards",
                lock.cards(),
                List.of(),
                null,
                0),
        diskEpoch,
        diskRecords.values());
  }

  void step() {
    now += random.nextInt(200);
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> press();
      case 3 -> room.stop(anyRequest(), anyone());
      case 4 -> forge();
      case 5, 6, 7 -> observe();
      case 8, 9, 10 -> commit();
      case 11, 12, 13 -> speak();
      case 14 -> finish();
      case 15, 16 -> wake();
      case 17 -> {
        if (random.nextInt(4) == 0) {
          crash();
        }
      }
      default -> observe();
    }
    if (random.nextInt(6) == 0) {
      checkpoint = room.copyServerFields();
    }
    check();
  }

  private void press() {
    String request = "r" + requests.size();
    long seen = random.nextInt(4) == 0 ? room.epochNumber() - 1 : room.epochNumber();
    if (room.locks.isEmpty() || random.nextInt(2) == 0) {
      requests.add(request);
      room.addLock(FakeRoom.lock(request, anyone(), seen, now), random.nextBoolean());
    }
  }

  private void forge() {
    FakeRoom.Forgery[] forgeries = FakeRoom.Forgery.values();
    FakeRoom.Forgery forgery = forgeries[random.nextInt(forgeries.length)];
    if (forgery == FakeRoom.Forgery.REMOVE_LOCK) {
      // A request that is removed before the server has stored anything about it may stay
      // unanswered.
      room.locks.stream()
          .map(Lock::request)
          .filter(request -> !diskRecords.containsKey(request))
          .forEach(excused::add);
    }
    room.forge(forgery, anyRequest());
  }

  private String anyone() {
    return random.nextInt(8) == 0
        ? FakeRoom.SPECTATOR
        : FakeRoom.PLAYERS.get(random.nextInt(FakeRoom.PLAYERS.size()));
  }

  private String anyRequest() {
    return requests.isEmpty() || random.nextInt(5) == 0
        ? "forged" + random.nextInt(3)
        : requests.get(requests.size() - 1 - random.nextInt(Math.min(3, requests.size())));
  }

  private void observe() {
    room.locks.forEach(lock -> seen.add(lock.request()));
    run(state.step(new GenerationInput.Observed(room.snapshot()), now));
  }

  private void commit() {
    Commit next = commits.poll();
    if (next != null) {
      next.write().run();
      observe(); // as GenerationRunner does before it writes
      run(state.step(next.answer(), now));
    }
  }

  private void speak() {
    Live current = live;
    if (current != null) {
      String text = random.nextInt(3) == 0 ? "😀" + "x".repeat(random.nextInt(90)) : "word ";
      run(state.step(new GenerationInput.Text(current.epoch(), text), now));
    }
  }

  private void finish() {
    Live current = live;
    if (current != null) {
      live = null;
      run(
          state.step(
              random.nextBoolean()
                  ? new GenerationInput.Answered(
                      current.epoch(), Optional.of(new Usage(1, 2, false)))
                  : new GenerationInput.CallFailed(current.epoch(), "broke"),
              now));
    }
  }

  private void wake() {
    alarms.stream()
        .filter(alarm -> alarm.at() <= now)
        .findFirst()
        .ifPresent(
            alarm -> {
              alarms.remove(alarm);
              run(state.step(alarm.input(), now));
            });
  }

  /** Crashes: each pending write is on disk or lost, and the connection to the model is closed. */
  private void crash() {
    int written = random.nextInt(commits.size() + 1);
    for (int i = 0; i < written; i++) {
      Objects.requireNonNull(commits.poll()).write().run();
    }
    commits.clear();
    alarms.clear();
    live = null;
    settledHere.clear();
    if (random.nextBoolean()) {
      room.restoreServerFields(checkpoint); // the document on disk is older than the ledger
    }
    state = newProcess();
    run(state.recover(now));
  }

  private void run(List<GenerationEffect> effects) {
    for (GenerationEffect effect : effects) {
      switch (effect) {
        case GenerationEffect.Store store -> {
          assertTrue(store.epoch() > diskEpoch, "an epoch was given out twice");
          commits.add(
              new Commit(
                  () -> {
                    diskEpoch = store.epoch();
                    diskRecords.put(store.record().request(), store.record());
                  },
                  new GenerationInput.Stored(store.epoch(), null)));
        }
        case GenerationEffect.Seal seal ->
            commits.add(
                new Commit(
                    () -> seal.records().forEach(r -> diskRecords.put(r.request(), r)),
                    new GenerationInput.Sealed(
                        seal.records().stream().map(RunRecord::request).toList())));
        case GenerationEffect.Keep keep -> {
          // The write follows the earlier writes, as in the store; its result goes to no process.
          commits.add(
              new Commit(
                  () -> diskRecords.put(keep.record().request(), keep.record()),
                  new GenerationInput.Sealed(List.of())));
        }
        case GenerationEffect.Write write -> room.apply(write.edits());
        case GenerationEffect.Call call -> {
          assertNull(live, "two calls at a time");
          assertTrue(
              epochsCalled.stream().allMatch(epoch -> epoch < call.epoch()),
              "call of epoch " + call.epoch() + " after " + epochsCalled);
          assertEquals(call.epoch(), diskEpoch, "called before the epoch was on disk");
          epochsCalled.add(call.epoch());
          live = new Live(call.epoch());
        }
        case GenerationEffect.Cancel cancel -> {
          if (live != null && live.epoch() == cancel.epoch()) {
            live = null;
          }
        }
        case GenerationEffect.Tell tell -> {
          StringBuilder so = told.computeIfAbsent(tell.run().request(), _ -> new StringBuilder());
          assertEquals(so.length(), tell.index(), "a gap in the sent text");
          so.append(tell.text());
        }
        case GenerationEffect.Started _ -> {}
        case GenerationEffect.Settled settled ->
            assertTrue(
                settledHere.add(settled.record().request()),
                settled.record().request() + " was settled twice");
        case GenerationEffect.Wake wake ->
            alarms.add(
                new Alarm(
                    now + wake.afterMillis(),
                    new GenerationInput.Woken(wake.epoch(), wake.alarm())));
        case GenerationEffect.LookAgain _ -> {}
        case GenerationEffect.Forged _ -> forged++;
        case GenerationEffect.ReadBack _ ->
            run(state.step(new GenerationInput.ReadBack(room.snapshot()), now));
        case GenerationEffect.GivenUp given ->
            throw new AssertionError("this document keeps everything: " + given.paths());
      }
    }
  }

  /** A final result that the server has shown stays, whatever other peers write. */
  private void check() {
    for (String request : requests) {
      state
          .shownRecord(request)
          .filter(RunRecord::isFinal)
          .ifPresent(
              record -> {
                String said = record.status().wire() + " " + record.text();
                String before = finals.putIfAbsent(request, said);
                assertTrue(before == null || before.equals(said), before + " became " + said);
              });
    }
  }

  /**
   * Stops all writing peers; the disk, the model and the clock continue until nothing is left to
   * do.
   */
  void settle() {
    for (int i = 0; i < 60; i++) {
      now += 300;
      observe();
      while (!commits.isEmpty()) {
        commit();
      }
      if (live != null) {
        finish();
      }
      alarms.removeIf(alarm -> alarm.at() <= now && live == null);
      check();
    }
    assertNull(live);
    assertTrue(room.locks.isEmpty(), "the lock is not free: " + room.locks);
    assertNull(room.grant, "the grant stayed");
    assertTrue(room.stops.isEmpty(), "a stop stayed");
    assertEquals(diskEpoch, room.epochNumber());
    assertTrue(state.running().isEmpty());
    for (String request : room.results.keySet()) {
      assertTrue(requests.contains(request), "a forged result stayed: " + request);
    }
  }

  /**
   * Checks that each request that the server saw in the lock has one final result, in document and
   * ledger.
   */
  void everyRequestSeenHasItsResult() {
    seen.removeIf(request -> excused.contains(request) && !diskRecords.containsKey(request));
    for (String request : seen) {
      RunRecord record = Objects.requireNonNull(diskRecords.get(request), request);
      assertTrue(record.isFinal(), request + " is " + record);
      assertEquals(record.status().wire(), room.status(request));
      assertEquals(record.text(), room.text(request));
      // No peer received text that the result lacks, unless the process crashed during the run.
      String heard = told.getOrDefault(request, new StringBuilder()).toString();
      if (record.status() != Status.INTERRUPTED) {
        assertEquals(record.text(), heard);
      }
    }
    assertEquals(seen, room.results.keySet());
  }

  FakeRoom room() {
    return room;
  }

  List<Long> epochsCalled() {
    return epochsCalled;
  }
}
