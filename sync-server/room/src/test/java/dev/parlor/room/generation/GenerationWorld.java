package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.FoldedPrompt;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.worker.RoomWatcher;
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
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A seeded simulation around {@link GenerationState}. Peers write locks, stops and commands at
 * random times, some of them from an old state, and overwrite each other's. A host changes the
 * number of slots. Other peers forge values. The disk commits at random times, a model answers, and
 * the process crashes. Every step checks the invariants.
 */
final class GenerationWorld {
  private final Random random;
  private final FakeRoom room = new FakeRoom();
  private final List<String> requests = new ArrayList<>();
  private final ServiceLimits.Generation limits =
      new ServiceLimits.Generation(100_000, 180, 500, 64, 30, 4_000, 100_000, 100_000, 100_000);

  // The disk.
  private long diskEpoch;
  private final Map<String, RunRecord> diskRecords = new LinkedHashMap<>();
  private final Map<String, QueuedRequest> diskRows = new LinkedHashMap<>();
  private StoredQueue.Order diskOrder = StoredQueue.Order.EMPTY;
  private final Deque<Commit> commits = new ArrayDeque<>();

  // The process.
  private GenerationState state;
  private final List<PendingTimer> timers = new ArrayList<>();
  private long now = 1_000_000;
  private final List<OpenCall> openCalls = new ArrayList<>();
  private int commandCount;

  /** An earlier state of the document, which a crash may restore. */
  private FakeRoom.ServerFieldsCopy checkpoint = room.copyServerFields();

  // State of the checks.
  private final List<Long> epochsCalled = new ArrayList<>();

  /** Status and text of the first final record that was shown, by request. */
  private final Map<String, String> finalResults = new HashMap<>();

  /** Requests by their ids, in the order of their admission. */
  private final Map<String, Lock> written = new LinkedHashMap<>();

  /** Requests that were moved or were old, so that they may start in another order. */
  private final Set<String> reordered = new TreeSet<>();

  /** The requests whose grants are on disk, in order. */
  private final List<String> started = new ArrayList<>();

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
                "stub",
                List.of(new FoldedPrompt.Message("user", lock.query())),
                null,
                "prompt with " + view.cards().size() + " cards",
                lock.cards(),
                List.of(),
                null,
                0),
        diskEpoch,
        diskRecords.values(),
        StoredQueue.of(
            diskRows.values().stream()
                .filter(row -> !diskRecords.containsKey(row.request()))
                .toList(),
            diskOrder));
  }

  void step() {
    now += random.nextInt(200);
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> requestGeneration();
      case 3 -> room.stop(anyRequest(), anyone());
      case 4 -> {
        if (random.nextBoolean()) {
          forge();
        } else {
          giveCommand();
        }
      }
      case 5, 6, 7 -> observe();
      case 8, 9, 10 -> commit();
      case 11, 12, 13 -> sendText();
      case 14 -> endCall();
      case 15, 16 -> fireTimer();
      case 17 -> {
        if (random.nextInt(4) == 0) {
          crash();
        } else {
          room.slots = 1 + random.nextInt(3);
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
    requests.add(request);
    Lock lock = FakeRoom.lock(request, anyone(), seen, now);
    written.put(request, lock);
    RoomWatcher.Arrival arrival =
        random.nextInt(4) == 0 ? RoomWatcher.Arrival.FIRST_SYNC : RoomWatcher.Arrival.LIVE;
    if (random.nextInt(3) == 0) {
      room.overwriteLock(lock, arrival);
    } else {
      room.addLock(lock, random.nextBoolean());
      room.writes.add(new ReceivedLock(lock, arrival));
    }
  }

  private void forge() {
    FakeRoom.Forgery[] forgeries = FakeRoom.Forgery.values();
    room.forge(forgeries[random.nextInt(forgeries.length)], anyRequest());
  }

  private void giveCommand() {
    QueueCommand.Action[] actions = QueueCommand.Action.values();
    QueueCommand.Action action = actions[random.nextInt(actions.length)];
    String before = random.nextBoolean() ? "" : anyRequest();
    var command =
        new QueueCommand("k" + commandCount++, action, anyRequest(), before, anyone(), now);
    if (action == QueueCommand.Action.MOVE || action == QueueCommand.Action.CONFIRM) {
      reordered.add(command.request());
    }
    if (random.nextBoolean()) {
      room.commands.add(command);
      observe();
    } else {
      run(state.step(new GenerationInput.Commanded(command, room.view()), now));
    }
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
    var pausedBefore = state.queue().paused();
    List<GenerationEffect> effects = state.step(new GenerationInput.Observed(room.snapshot()), now);
    if (state.hasDecided()) {
      room.writes.clear();
    }
    state.waiting().stream()
        .filter(QueuedRequest::old)
        .forEach(queued -> reordered.add(queued.request()));
    if (effects.stream().anyMatch(GenerationEffect.StoreGrant.class::isInstance)) {
      assertTrue(state.runs().size() <= room.slots, "more runs than slots");
      assertTrue(
          pausedBefore == null || !pausedBefore.equals(state.queue().paused()),
          "a request started during a pause");
    }
    run(effects);
  }

  private void commit() {
    Commit next = commits.poll();
    if (next != null) {
      next.write().run();
      run(state.step(next.answer(), now));
      observe(); // as GenerationRunner does after this step
    }
  }

  private @Nullable OpenCall anyCall() {
    return openCalls.isEmpty() ? null : openCalls.get(random.nextInt(openCalls.size()));
  }

  private void sendText() {
    OpenCall current = anyCall();
    if (current != null) {
      String text = random.nextInt(3) == 0 ? "😀" + "x".repeat(random.nextInt(90)) : "word ";
      run(state.step(new GenerationInput.Text(current.epoch(), text), now));
    }
  }

  private void endCall() {
    OpenCall current = anyCall();
    if (current != null) {
      openCalls.remove(current);
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
              observe();
            });
  }

  /** Crashes: each pending write is on disk or lost, and the connection to the model is closed. */
  private void crash() {
    int committed = random.nextInt(commits.size() + 1);
    for (int i = 0; i < committed; i++) {
      Objects.requireNonNull(commits.poll()).write().run();
    }
    commits.clear();
    timers.clear();
    openCalls.clear();
    shownByThisProcess.clear();
    // The next process finds the admitted changes in the store.
    room.writes.clear();
    written.values().stream()
        .filter(lock -> !diskRecords.containsKey(lock.request()))
        .filter(lock -> !diskRows.containsKey(lock.request()))
        .forEach(lock -> room.writes.add(new ReceivedLock(lock, RoomWatcher.Arrival.UNKNOWN)));
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
                    diskRows.remove(store.record().request());
                    started.add(store.record().request());
                  },
                  new GenerationInput.GrantStored(store.epoch(), null)));
        }
        case GenerationEffect.StoreFinal ended ->
            commits.add(
                new Commit(
                    () ->
                        ended
                            .records()
                            .forEach(
                                record -> {
                                  diskRecords.put(record.request(), record);
                                  diskRows.remove(record.request());
                                }),
                    new GenerationInput.FinalStored(
                        ended.records().stream().map(RunRecord::request).toList())));
        case GenerationEffect.StoreRequest(var request, var order) ->
            commits.add(
                new Commit(
                    () -> {
                      diskRows.put(request.request(), request);
                      diskOrder = order;
                    },
                    new GenerationInput.RequestStored(request.request(), false)));
        case GenerationEffect.StoreOrder(var order) ->
            commits.add(
                new Commit(() -> diskOrder = order, new GenerationInput.FinalStored(List.of())));
        case GenerationEffect.SetPauseTimer(var until, var afterMillis) ->
            timers.add(new PendingTimer(now + afterMillis, new GenerationInput.PauseOver(until)));
        case GenerationEffect.Queued _ -> {}
        case GenerationEffect.CallNews _ -> {}
        case GenerationEffect.PauseChanged _ -> {}
        case GenerationEffect.StoreProgress progress -> {
          // The write follows the earlier writes, as in the store. No step waits for it.
          commits.add(
              new Commit(
                  () -> diskRecords.put(progress.record().request(), progress.record()),
                  new GenerationInput.FinalStored(List.of())));
        }
        case GenerationEffect.Write write -> room.apply(write.edits());
        case GenerationEffect.Call call -> {
          assertTrue(openCalls.size() < RoomLimits.SLOTS_MAX, "too many calls at a time");
          assertTrue(
              epochsCalled.stream().allMatch(epoch -> epoch < call.epoch()),
              "call of epoch " + call.epoch() + " after " + epochsCalled);
          assertTrue(call.epoch() <= diskEpoch, "called before the epoch was on disk");
          epochsCalled.add(call.epoch());
          openCalls.add(new OpenCall(call.epoch()));
        }
        case GenerationEffect.Cancel cancel -> openCalls.remove(new OpenCall(cancel.epoch()));
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

  /**
   * Stops all peers, except that authors confirm their old requests. The disk, the model and the
   * clock continue until no work is pending.
   */
  void quiesce() {
    int idleRounds = 0;
    for (int i = 0; i < 5_000 && idleRounds < 5; i++) {
      now += 300;
      observe();
      for (QueuedRequest queued : state.waiting()) {
        if (queued.old()) {
          var confirm =
              new QueueCommand(
                  "k" + commandCount++,
                  QueueCommand.Action.CONFIRM,
                  queued.request(),
                  "",
                  queued.lock().by(),
                  now);
          run(state.step(new GenerationInput.Commanded(confirm, room.view()), now));
        }
      }
      while (!commits.isEmpty()) {
        commit();
      }
      endCall();
      fireTimer();
      checkFinalResults();
      boolean isIdle =
          openCalls.isEmpty()
              && commits.isEmpty()
              && room.writes.isEmpty()
              && room.locks.isEmpty()
              && state.isIdle()
              && state.waiting().isEmpty();
      idleRounds = isIdle ? idleRounds + 1 : 0;
    }
    assertTrue(openCalls.isEmpty());
    assertTrue(room.locks.isEmpty(), "the lock is not free: " + room.locks);
    assertNull(room.grant(), "the grant stayed");
    assertEquals(Set.of("epoch"), room.fields.keySet());
    assertTrue(room.stops.isEmpty(), "a stop stayed");
    assertTrue(room.commands.isEmpty(), "a command stayed");
    assertEquals(diskEpoch, room.epochNumber());
    assertTrue(state.running().isEmpty());
    assertTrue(state.isIdle());
    assertTrue(diskRows.isEmpty(), "rows stayed: " + diskRows.keySet());
    for (String request : room.results.keySet()) {
      assertTrue(requests.contains(request), "a forged result stayed: " + request);
    }
  }

  /** Checks that every request has one final result, the same in document and ledger. */
  void assertEveryRequestHasItsResult() {
    for (String request : requests) {
      RunRecord record = Objects.requireNonNull(diskRecords.get(request), request);
      assertTrue(record.isFinal(), request + " is " + record);
      assertEquals(record.status().wire(), room.status(request));
      assertEquals(record.text(), room.text(request));
      // No peer received text that the result lacks, unless the process crashed during the run.
      String received = broadcasts.getOrDefault(request, new StringBuilder()).toString();
      if (record.status() != Status.INTERRUPTED) {
        assertEquals(record.text(), received);
      }
      if (record.status() == Status.REFUSED) {
        assertTrue(
            record.reason().startsWith("cancelled ") || record.reason().equals("not-allowed"),
            record.reason());
      }
    }
    assertEquals(new TreeSet<>(requests), new TreeSet<>(room.results.keySet()));
  }

  /** Checks that requests started in the order of their admission, unless they were moved. */
  void assertOrderIsKept() {
    List<String> inOrder = started.stream().filter(each -> !reordered.contains(each)).toList();
    List<String> sorted =
        inOrder.stream().sorted(java.util.Comparator.comparingInt(requests::indexOf)).toList();
    assertEquals(sorted, inOrder);
  }
}
