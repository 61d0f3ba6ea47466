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
 * A seeded simulation around {@link GenerationState}. Peers write locks and stops at random times,
 * some of them from an old state. Other peers forge values. The disk commits at random times, a
 * model answers, and the process crashes. Every step checks the invariants.
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
  private final List<PendingTimer> timers = new ArrayList<>();
  private long now = 1_000_000;
  private @Nullable OpenCall openCall;

  /** An earlier state of the document, which a crash may restore. */
  private FakeRoom.ServerFieldsCopy checkpoint = room.copyServerFields();

  // State of the checks.
  private final List<Long> epochsCalled = new ArrayList<>();

  /** Status and text of the first final record that was shown, by request. */
  private final Map<String, String> finalResults = new HashMap<>();

  /** Requests that the server has read in the lock. */
  private final Set<String> observed = new TreeSet<>();

  /** Requests that a forger removed before the server stored them. */
  private final Set<String> removedEarly = new TreeSet<>();

  private final Set<String> shownByThisProcess = new LinkedHashSet<>();

  /** The broadcast text, by request. */
  private final Map<String, StringBuilder> broadcasts = new HashMap<>();

  private record Commit(Runnable write, GenerationInput answer) {}

  private record PendingTimer(long at, GenerationInput input) {}

  /** A model call in progress. */
  private record OpenCall(long epoch) {}

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
      case 0, 1, 2 -> requestGeneration();
      case 3 -> room.stop(anyRequest(), anyone());
      case 4 -> forge();
      case 5, 6, 7 -> observe();
      case 8, 9, 10 -> commit();
      case 11, 12, 13 -> sendText();
      case 14 -> endCall();
      case 15, 16 -> fireTimer();
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
    checkFinalResults();
  }

  private void requestGeneration() {
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
      // A request may stay unanswered if it is removed before the server has stored a record of it.
      room.locks.stream()
          .map(Lock::request)
          .filter(request -> !diskRecords.containsKey(request))
          .forEach(removedEarly::add);
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
    room.locks.forEach(lock -> observed.add(lock.request()));
    run(state.step(new GenerationInput.Observed(room.snapshot()), now));
  }

  private void commit() {
    Commit next = commits.poll();
    if (next != null) {
      next.write().run();
      observe(); // as GenerationRunner does before this step
      run(state.step(next.answer(), now));
    }
  }

  private void sendText() {
    OpenCall current = openCall;
    if (current != null) {
      String text = random.nextInt(3) == 0 ? "😀" + "x".repeat(random.nextInt(90)) : "word ";
      run(state.step(new GenerationInput.Text(current.epoch(), text), now));
    }
  }

  private void endCall() {
    OpenCall current = openCall;
    if (current != null) {
      openCall = null;
      run(
          state.step(
              random.nextBoolean()
                  ? new GenerationInput.Answered(
                      current.epoch(), Optional.of(new Usage(1, 2, false)))
                  : new GenerationInput.CallFailed(current.epoch(), "broke"),
              now));
    }
  }

  private void fireTimer() {
    timers.stream()
        .filter(timer -> timer.at() <= now)
        .findFirst()
        .ifPresent(
            timer -> {
              timers.remove(timer);
              run(state.step(timer.input(), now));
            });
  }

  /** Crashes: each pending write is on disk or lost, and the connection to the model is closed. */
  private void crash() {
    int written = random.nextInt(commits.size() + 1);
    for (int i = 0; i < written; i++) {
      Objects.requireNonNull(commits.poll()).write().run();
    }
    commits.clear();
    timers.clear();
    openCall = null;
    shownByThisProcess.clear();
    if (random.nextBoolean()) {
      room.restoreServerFields(checkpoint); // the document on disk is older than the ledger
    }
    state = newProcess();
    run(state.recover(now));
  }

  private void run(List<GenerationEffect> effects) {
    for (GenerationEffect effect : effects) {
      switch (effect) {
        case GenerationEffect.StoreGrant store -> {
          assertTrue(store.epoch() > diskEpoch, "an epoch was granted twice");
          commits.add(
              new Commit(
                  () -> {
                    diskEpoch = store.epoch();
                    diskRecords.put(store.record().request(), store.record());
                  },
                  new GenerationInput.GrantStored(store.epoch(), null)));
        }
        case GenerationEffect.StoreFinal ended ->
            commits.add(
                new Commit(
                    () -> ended.records().forEach(r -> diskRecords.put(r.request(), r)),
                    new GenerationInput.FinalStored(
                        ended.records().stream().map(RunRecord::request).toList())));
        case GenerationEffect.StoreProgress progress -> {
          // The write follows the earlier writes, as in the store. No step waits for it.
          commits.add(
              new Commit(
                  () -> diskRecords.put(progress.record().request(), progress.record()),
                  new GenerationInput.FinalStored(List.of())));
        }
        case GenerationEffect.Write write -> room.apply(write.edits());
        case GenerationEffect.Call call -> {
          assertNull(openCall, "two calls at a time");
          assertTrue(
              epochsCalled.stream().allMatch(epoch -> epoch < call.epoch()),
              "call of epoch " + call.epoch() + " after " + epochsCalled);
          assertEquals(call.epoch(), diskEpoch, "called before the epoch was on disk");
          epochsCalled.add(call.epoch());
          openCall = new OpenCall(call.epoch());
        }
        case GenerationEffect.Cancel cancel -> {
          if (openCall != null && openCall.epoch() == cancel.epoch()) {
            openCall = null;
          }
        }
        case GenerationEffect.Broadcast next -> {
          StringBuilder text =
              broadcasts.computeIfAbsent(next.run().request(), _ -> new StringBuilder());
          assertEquals(text.length(), next.index(), "a gap in the sent text");
          text.append(next.text());
        }
        case GenerationEffect.Started _ -> {}
        case GenerationEffect.ResultShown shown ->
            assertTrue(
                shownByThisProcess.add(shown.record().request()),
                shown.record().request() + " was shown twice");
        case GenerationEffect.SetTimer set ->
            timers.add(
                new PendingTimer(
                    now + set.afterMillis(),
                    new GenerationInput.TimerFired(set.epoch(), set.timer())));
        case GenerationEffect.ObserveLater _ -> {}
        case GenerationEffect.Forged _ -> {}
        case GenerationEffect.ReadBack _ ->
            run(state.step(new GenerationInput.ReadBack(room.snapshot()), now));
        case GenerationEffect.RepairGivenUp repair ->
            throw new AssertionError(
                "this document keeps every value as written: " + repair.paths());
      }
    }
  }

  /** Checks that a shown final result never changes, whatever other peers write. */
  private void checkFinalResults() {
    for (String request : requests) {
      state
          .shownRecord(request)
          .filter(RunRecord::isFinal)
          .ifPresent(
              record -> {
                String result = record.status().wire() + " " + record.text();
                String before = finalResults.putIfAbsent(request, result);
                assertTrue(before == null || before.equals(result), before + " became " + result);
              });
    }
  }

  /** Stops all peers. The disk, the model and the clock continue until no work is pending. */
  void quiesce() {
    for (int i = 0; i < 60; i++) {
      now += 300;
      observe();
      while (!commits.isEmpty()) {
        commit();
      }
      if (openCall != null) {
        endCall();
      }
      timers.removeIf(timer -> timer.at() <= now && openCall == null);
      checkFinalResults();
    }
    assertNull(openCall);
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
   * Checks that each request that the server read in the lock has one final result, the same in
   * document and ledger.
   */
  void assertEveryObservedRequestHasItsResult() {
    observed.removeIf(
        request -> removedEarly.contains(request) && !diskRecords.containsKey(request));
    for (String request : observed) {
      RunRecord record = Objects.requireNonNull(diskRecords.get(request), request);
      assertTrue(record.isFinal(), request + " is " + record);
      assertEquals(record.status().wire(), room.status(request));
      assertEquals(record.text(), room.text(request));
      // No peer received text that the result lacks, unless the process crashed during the run.
      String received = broadcasts.getOrDefault(request, new StringBuilder()).toString();
      if (record.status() != Status.INTERRUPTED) {
        assertEquals(record.text(), received);
      }
    }
    assertEquals(observed, room.results.keySet());
  }
}
