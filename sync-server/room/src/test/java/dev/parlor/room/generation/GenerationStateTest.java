package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Note;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomWatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The steps of a generation, each tested alone. {@link GenerationProperties} combines them at
 * random.
 */
class GenerationStateTest {
  private final FakeRoom room = new FakeRoom();
  private ServiceLimits.Generation limits = new ServiceLimits.Generation(3, 180, 500, 100, 30, 400);
  private final BuiltPrompt.Preparation preparation =
      new PromptBuilder(
          "stub",
          Set.of("other"),
          ServiceLimits.defaults().model(),
          _ -> 0,
          _ -> OptionalInt.empty(),
          _ -> true);
  private GenerationState state = process(0, List.of());
  private final List<GenerationEffect> effects = new ArrayList<>();
  private long now = 1_000_000;

  private GenerationState process(long epoch, List<RunRecord> ledger) {
    return process(epoch, ledger, StoredQueue.EMPTY);
  }

  private GenerationState process(long epoch, List<RunRecord> ledger, StoredQueue queue) {
    return new GenerationState(limits, "stub", preparation, epoch, ledger, queue);
  }

  private void observe() {
    step(new GenerationInput.Observed(room.snapshot()));
    if (state.hasDecided()) {
      room.writes.clear();
    }
  }

  private void step(GenerationInput input) {
    perform(state.step(input, now));
  }

  /** Records the effects, and applies writes to the document. */
  private void perform(List<GenerationEffect> stepEffects) {
    for (GenerationEffect effect : stepEffects) {
      effects.add(effect);
      if (effect instanceof GenerationEffect.Write write) {
        room.apply(write.edits());
      }
      if (effect instanceof GenerationEffect.ReadBack) {
        step(new GenerationInput.ReadBack(room.snapshot()));
      }
    }
  }

  private <T extends GenerationEffect> List<T> all(Class<T> kind) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void finalStored(String... requests) {
    step(new GenerationInput.FinalStored(List.of(requests)));
    observe();
  }

  private Lock addRequest(String request, String by) {
    Lock lock = FakeRoom.lock(request, by, room.epochNumber(), now);
    room.addLock(lock, false);
    return lock;
  }

  /** Starts a run up to its model call. */
  private void startRun(String request) {
    addRequest(request, "p0");
    observe();
    step(new GenerationInput.GrantStored(state.epoch(), null));
    observe();
  }

  @Test
  @DisplayName("[GE2] the epoch is committed before the grant is written and the model is called")
  void epochIsCommittedBeforeGrantAndCall() {
    addRequest("r", "p0");
    observe();
    assertEquals(1, all(GenerationEffect.StoreGrant.class).getFirst().epoch());
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertEquals(0, room.epochNumber());
    step(new GenerationInput.GrantStored(1, null));
    assertEquals(1, all(GenerationEffect.Call.class).getFirst().epoch());
    assertEquals(1, room.epochNumber());
    assertEquals("running", room.status("r"));
  }

  @DisplayName("if the epoch cannot be stored, no call is made and the result is an error")
  @Test
  void failedEpochWriteMakesNoCallAndAnError() {
    addRequest("r", "p0");
    observe();
    step(new GenerationInput.GrantStored(1, "the server could not save the request"));
    finalStored("r");
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertEquals("error", room.status("r"));
    assertTrue(room.locks.isEmpty());
  }

  private void requestStored(String request) {
    step(new GenerationInput.RequestStored(request, false));
    observe();
  }

  private void answer(String request, long epoch) {
    step(new GenerationInput.Text(epoch, "answer to " + request));
    step(new GenerationInput.Answered(epoch, Optional.empty()));
    finalStored(request);
    step(new GenerationInput.GrantStored(state.epoch(), null));
  }

  private void command(QueueCommand.Action action, String request, String before, String by) {
    room.commands.add(new QueueCommand("k" + effects.size(), action, request, before, by, now));
    observe();
  }

  /** Starts a run of p0 and lets p1, p2 and p3 wait. */
  private void threeWait() {
    startRun("r0");
    for (int i = 1; i <= 3; i++) {
      addRequest("r" + i, "p" + i);
      observe();
      requestStored("r" + i);
    }
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
  }

  @Test
  @DisplayName("[GE1, GE2] requests that overwrite each other wait and run in their order")
  void overwrittenRequestsRunInTheirOrder() {
    startRun("r0");
    for (int i = 1; i <= 3; i++) {
      Lock lock = FakeRoom.lock("r" + i, "p" + i, 0, now);
      room.overwriteLock(lock, RoomWatcher.Arrival.LIVE);
    }
    observe();
    assertEquals("r3", room.locks.getFirst().request(), "no request is on disk yet");
    for (int i = 1; i <= 3; i++) {
      requestStored("r" + i);
    }
    assertTrue(room.locks.isEmpty());
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
    for (int i = 0; i <= 3; i++) {
      assertEquals("r" + i, state.running().orElseThrow().request());
      answer("r" + i, i + 1);
    }
    observe();
    assertEquals(4, all(GenerationEffect.Call.class).size());
    assertEquals(List.of(), room.queue());
    assertNull(room.grant());
    assertEquals("answer to r3", room.text("r3"));
  }

  @Test
  @DisplayName(
      "[GE2] the prompt of a waiting request has the cards as they were when it was accepted")
  void waitingRequestKeepsItsPrompt() {
    startRun("r0");
    addRequest("r1", "p1");
    observe();
    requestStored("r1");
    room.cards.set(0, FakeRoom.card("c1", CardType.ROLE, "EDITED LATER"));
    answer("r0", 1);
    var call = all(GenerationEffect.Call.class).getLast().request();
    assertEquals("Act as an editor\n\nPlain", call.messages().getFirst().content());
  }

  @Test
  @DisplayName("[GE9] a request that follows a running answer waits for it and gets its whole text")
  void followerGetsTheWholeAnswer() {
    room.slots = 3;
    startRun("r0");
    room.addLock(new Lock("r1", "p1", now, "And then?", List.of(), 0, "r0"), false);
    observe();
    requestStored("r1");
    assertEquals(1, all(GenerationEffect.Call.class).size());
    answer("r0", 1);
    var messages = all(GenerationEffect.Call.class).getLast().request().messages();
    assertEquals(3, messages.size());
    assertEquals("answer to r0", messages.get(1).content());
  }

  @Test
  @DisplayName("[GE11] a host's setting lets up to three requests run, each with its own epoch")
  void slotsRunTogether() {
    room.slots = 3;
    for (int i = 0; i < 4; i++) {
      addRequest("r" + i, "p" + i);
    }
    observe();
    for (int epoch = 1; epoch <= 3; epoch++) {
      step(new GenerationInput.GrantStored(epoch, null));
    }
    requestStored("r3");
    assertEquals(3, state.runs().size());
    assertEquals(List.of("r3"), room.queue());
    assertEquals(3, room.epochNumber());
    assertEquals(
        3,
        ((Value.MapOf) java.util.Objects.requireNonNull(room.fields.get("grants")))
            .entries()
            .size());
    answer("r1", 2);
    assertEquals(List.of(), room.queue());
    assertEquals(List.of("r0", "r2", "r3"), state.runs().stream().map(RunRecord::request).toList());
  }

  @Test
  @DisplayName(
      "[GE5] [GE13] a stop pauses the queue for 60 s; after that, or with a command, the queue goes on")
  void stopPausesTheQueue() {
    threeWait();
    room.stop("r0", "p2");
    observe();
    finalStored("r0");
    assertEquals("stopped", room.status("r0"));
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
    assertTrue(room.fields.containsKey("paused"));
    assertTrue(state.running().isEmpty());
    long until = now + 60_000;
    assertEquals(
        new GenerationEffect.SetPauseTimer(until, 60_000),
        all(GenerationEffect.SetPauseTimer.class).getLast());
    command(QueueCommand.Action.RESUME, "", "", FakeRoom.SPECTATOR);
    assertTrue(state.running().isEmpty());
    now = until;
    step(new GenerationInput.PauseOver(until));
    observe();
    step(new GenerationInput.GrantStored(2, null));
    assertEquals("r1", state.running().orElseThrow().request());
    room.stop("r1", "p2");
    observe();
    finalStored("r1");
    assertTrue(state.running().isEmpty());
    step(new GenerationInput.PauseOver(until)); // the timer of the earlier pause
    observe();
    assertTrue(state.running().isEmpty());
    command(QueueCommand.Action.RESUME, "", "", "p4");
    assertEquals("r2", state.running().orElseThrow().request());
    assertTrue(!room.fields.containsKey("paused"));
  }

  @Test
  @DisplayName("[GE5] a stop without waiting requests pauses nothing")
  void stopWithoutWaitingRequestsPausesNothing() {
    startRun("r0");
    room.stop("r0", "p2");
    observe();
    finalStored("r0");
    startRun("r1");
    assertEquals(2, all(GenerationEffect.Call.class).size());
  }

  @Test
  @DisplayName(
      "[GE12] authors and hosts cancel and move; an author does not overtake another person's request")
  void commandsChangeTheQueue() {
    threeWait();
    command(QueueCommand.Action.CANCEL, "r1", "", "p2");
    command(QueueCommand.Action.MOVE, "r3", "r1", "p3");
    command(QueueCommand.Action.MOVE, "r1", "r3", "p2");
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
    command(QueueCommand.Action.MOVE, "r1", "", "p1");
    assertEquals(List.of("r2", "r3", "r1"), room.queue());
    command(QueueCommand.Action.MOVE, "r1", "r2", FakeRoom.HOST);
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
    command(QueueCommand.Action.CANCEL, "r2", "", "p2");
    finalStored("r2");
    command(QueueCommand.Action.CANCEL, "r1", "", FakeRoom.HOST);
    finalStored("r1");
    assertEquals(List.of("r3"), room.queue());
    assertEquals("cancelled p2", state.record("r2").orElseThrow().reason());
    assertEquals("cancelled p0", state.record("r1").orElseThrow().reason());
    assertTrue(room.commands.isEmpty());
  }

  @Test
  @DisplayName(
      "[GE12] a cancelled request is stored as refused before the next request is granted, so that a"
          + " crash between them does not revive it")
  void cancelIsStoredBeforeTheNextGrant() {
    threeWait();
    room.slots = 2;
    effects.clear();
    command(QueueCommand.Action.CANCEL, "r1", "", "p1");
    var stored =
        effects.stream()
            .flatMap(
                effect ->
                    switch (effect) {
                      case GenerationEffect.StoreFinal(var records) ->
                          records.stream().map(RunRecord::request);
                      case GenerationEffect.StoreGrant(_, var record) ->
                          Stream.of(record.request());
                      default -> Stream.empty();
                    })
            .toList();
    assertEquals(List.of("r1", "r2"), stored);
  }

  @Test
  @DisplayName("[GE12] a command that stays in the document is carried out once")
  void commandIsCarriedOutOnce() {
    threeWait();
    var move = new QueueCommand("k", QueueCommand.Action.MOVE, "r1", "", "p1", now);
    room.commands.add(move);
    observe();
    command(QueueCommand.Action.MOVE, "r1", "r2", FakeRoom.HOST);
    room.commands.add(move);
    observe();
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
  }

  @Test
  @DisplayName("[GE2] a waiting request whose author has lost the seat is refused")
  void requestWithoutSeatIsRefusedAtItsTurn() {
    threeWait();
    room.unseated.add("p1");
    answer("r0", 1);
    finalStored("r1");
    assertEquals("not-allowed", state.record("r1").orElseThrow().reason());
    assertEquals("r2", state.running().orElseThrow().request());
  }

  @Test
  @DisplayName("[GE14] an old request waits for its author, holds up no other, and expires")
  void oldRequestWaitsForItsAuthor() {
    startRun("r0");
    answer("r0", 1);
    for (String request : List.of("r1", "r2")) {
      room.overwriteLock(FakeRoom.lock(request, "p1", 0, now), RoomWatcher.Arrival.FIRST_SYNC);
    }
    room.overwriteLock(FakeRoom.lock("r3", "p2", 0, now), RoomWatcher.Arrival.LIVE);
    observe();
    requestStored("r1");
    requestStored("r2");
    assertEquals(List.of("r1 old", "r2 old"), room.queue());
    assertEquals("r3", state.running().orElseThrow().request());
    step(new GenerationInput.GrantStored(2, null));
    answer("r3", 2);
    assertTrue(state.running().isEmpty());
    command(QueueCommand.Action.CONFIRM, "r1", "", FakeRoom.HOST);
    assertTrue(state.running().isEmpty(), "only the author confirms");
    command(QueueCommand.Action.CONFIRM, "r1", "", "p1");
    assertEquals("r1", state.running().orElseThrow().request());
    now += 86_400_001;
    observe();
    finalStored("r2");
    assertEquals("expired", state.record("r2").orElseThrow().reason());
  }

  @Test
  @DisplayName(
      "[GE15] after a restart the queue goes on in its order, and a pause ends at its time")
  void queueSurvivesARestart() {
    threeWait();
    room.stop("r0", "p2");
    observe();
    finalStored("r0");
    var orders = all(GenerationEffect.StoreOrder.class);
    var rows =
        all(GenerationEffect.StoreRequest.class).stream()
            .map(GenerationEffect.StoreRequest::request)
            .toList();
    state =
        process(
            1,
            List.of(state.record("r0").orElseThrow()),
            StoredQueue.of(rows, orders.getLast().order()));
    effects.clear();
    perform(state.recover(now));
    observe();
    assertTrue(all(GenerationEffect.Forged.class).isEmpty());
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
    assertTrue(state.running().isEmpty());
    long until = all(GenerationEffect.SetPauseTimer.class).getFirst().until();
    step(new GenerationInput.PauseOver(until));
    observe();
    assertEquals("r1", state.running().orElseThrow().request());
  }

  @Test
  @DisplayName("[GE8] a forged queue is reported and repaired")
  void forgedQueueIsRepaired() {
    threeWait();
    room.forge(FakeRoom.Forgery.CHANGE_QUEUE, "mine");
    observe();
    assertEquals(List.of("r1", "r2", "r3"), room.queue());
    assertEquals(
        List.of("generation/queue"), all(GenerationEffect.Forged.class).getFirst().paths());
  }

  @Test
  @DisplayName("[GE3] waiting requests have a limit for each identity and for the room")
  void waitingRequestsAreLimited() {
    limits = new ServiceLimits.Generation(100, 180, 500, 100, 30, 400, 100, 2, 3);
    state = process(0, List.of());
    startRun("r0");
    for (int i = 1; i <= 3; i++) {
      addRequest("r" + i, "p1");
      observe();
    }
    assertEquals(
        "too-many " + (now + 15_000) + " 2 waiting", state.record("r3").orElseThrow().reason());
    addRequest("r4", "p2");
    addRequest("r5", "p3");
    observe();
    assertEquals(
        "too-many " + (now + 15_000) + " 3 queue", state.record("r5").orElseThrow().reason());
  }

  @Test
  @DisplayName("[GE17] a request keeps the words of its notes as they were when it was accepted")
  void attachedNoteIsFrozen() {
    room.notes.add(new Note("n", "milk"));
    room.addLock(
        new Lock(
            "r0", "p0", now, "Sort", List.of(), 0, "", List.of(Attachment.note("n")), "chat-1"),
        false);
    observe();
    room.notes.set(0, new Note("n", "EDITED"));
    step(new GenerationInput.GrantStored(1, null));
    assertEquals(
        "<note>\nmilk\n</note>\n\nSort",
        all(GenerationEffect.Call.class).getFirst().request().messages().getLast().content());
    answer("r0", 1);
    assertEquals("milk", state.record("r0").orElseThrow().toResult().attach().getFirst().text());
    assertEquals(List.of("answer-r0: answer to r0"), room.answers);
  }

  @DisplayName("a request of a spectator is refused, and the next request in the lock is granted")
  @Test
  void requestWithoutPermissionIsRefusedAndTheNextIsGranted() {
    addRequest("r1", FakeRoom.SPECTATOR);
    addRequest("r2", "p1");
    observe();
    assertEquals("not-allowed", state.record("r1").orElseThrow().reason());
    assertEquals("r2", state.running().orElseThrow().request());
  }

  @Test
  @DisplayName(
      "[GE3] a request above the limit per minute is refused with the time of the next permitted one")
  void requestsAboveTheRateLimitAreRefused() {
    for (int i = 0; i < 4; i++) {
      startRun("r" + i);
      step(new GenerationInput.Text(state.epoch(), "words"));
      step(new GenerationInput.Answered(state.epoch(), Optional.empty()));
      finalStored("r" + i);
      now += 1_000;
    }
    assertEquals(3, all(GenerationEffect.Call.class).size());
    assertEquals("too-many 1060000 3", state.record("r3").orElseThrow().reason());
    assertEquals("too-many 1060000 3", state.excess("p0", now).orElseThrow().reason());
    assertEquals(Optional.empty(), state.excess("p1", now));
    room.locks.clear();
    now = 1_060_000;
    startRun("r6");
    assertEquals(4, all(GenerationEffect.Call.class).size());
  }

  @Test
  @DisplayName(
      "[GE4] tokens are sent at most every 30 ms and written at most every 500 ms or 100 B")
  void sendsAndWritesAreLimited() {
    startRun("r");
    for (int i = 0; i < 30; i++) {
      step(new GenerationInput.Text(1, "x"));
      now += 1;
    }
    assertEquals(1, all(GenerationEffect.Broadcast.class).size());
    assertEquals("", room.text("r"));
    step(new GenerationInput.TimerFired(1, GenerationInput.Timer.DELTA));
    assertEquals(29, all(GenerationEffect.Broadcast.class).getLast().text().length());
    assertEquals(1, all(GenerationEffect.Broadcast.class).getLast().index());
    now += 470;
    step(new GenerationInput.TimerFired(1, GenerationInput.Timer.FLUSH));
    assertEquals("x".repeat(30), room.text("r"));
    now += 100;
    step(new GenerationInput.Text(1, "y".repeat(100)));
    assertEquals("x".repeat(30) + "y".repeat(100), room.text("r"));
  }

  @DisplayName("a character is never split between two pieces")
  @Test
  void characterIsNeverSplit() {
    startRun("r");
    step(new GenerationInput.Text(1, "a\ud83d"));
    assertEquals("a", all(GenerationEffect.Broadcast.class).getLast().text());
    now += 600;
    step(new GenerationInput.TimerFired(1, GenerationInput.Timer.FLUSH));
    assertEquals("a", room.text("r"));
    step(new GenerationInput.Text(1, "\ude00b"));
    assertEquals("😀b", all(GenerationEffect.Broadcast.class).getLast().text());
    step(new GenerationInput.Answered(1, Optional.empty()));
    finalStored("r");
    assertEquals("a😀b", room.text("r"));
  }

  @DisplayName("an answer above the length limit is cancelled, and its text is kept")
  @Test
  void tooLongAnswerIsCancelledAndKept() {
    startRun("r");
    step(new GenerationInput.Text(1, "x".repeat(401)));
    assertEquals(1, all(GenerationEffect.Cancel.class).size());
    finalStored("r");
    assertEquals("error", room.status("r"));
    assertEquals(401, room.text("r").length());
  }

  @Test
  @DisplayName(
      "[GE5] a stop cancels the call at the provider, keeps the partial answer and frees the lock")
  void stopCancelsTheCallAndKeepsThePartialAnswer() {
    startRun("r");
    step(new GenerationInput.Text(1, "part"));
    room.stop("r", FakeRoom.SPECTATOR);
    observe();
    assertTrue(all(GenerationEffect.Cancel.class).isEmpty());
    room.stop("r", "p3");
    observe();
    assertEquals(1, all(GenerationEffect.Cancel.class).size());
    finalStored("r");
    observe();
    assertEquals("stopped", room.status("r"));
    assertEquals("part", room.text("r"));
    assertTrue(room.locks.isEmpty() && room.stops.isEmpty());
  }

  @DisplayName("a stop that arrives together with its request prevents the call")
  @Test
  void stopThatArrivesWithItsRequestPreventsTheCall() {
    addRequest("r", "p0");
    room.stop("r", "p0");
    observe();
    step(new GenerationInput.GrantStored(1, null));
    finalStored("r");
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertEquals("stopped", room.status("r"));
  }

  @Test
  @DisplayName("[GE6] a run of a crashed process becomes interrupted and keeps its partial answer")
  void runOfACrashedProcessIsInterrupted() {
    startRun("r");
    step(new GenerationInput.Text(1, "y".repeat(150)));
    RunRecord onDisk = all(GenerationEffect.StoreProgress.class).getLast().record();
    state = process(1, List.of(onDisk));
    effects.clear();
    perform(state.recover(now));
    observe();
    finalStored("r");
    observe();
    assertEquals("interrupted", room.status("r"));
    assertEquals(150, room.text("r").length());
    assertTrue(room.locks.isEmpty());
    assertNull(room.grant());
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertTrue(all(GenerationEffect.Forged.class).isEmpty(), "a crash is not reported as forged");
    startRun("again");
    assertEquals(2, all(GenerationEffect.Call.class).getFirst().epoch());
  }

  @DisplayName("an expired lease ends the run")
  @Test
  void expiredLeaseEndsTheRun() {
    startRun("r");
    assertEquals(
        180_000,
        all(GenerationEffect.SetTimer.class).stream()
            .filter(set -> set.timer() == GenerationInput.Timer.LEASE)
            .findFirst()
            .orElseThrow()
            .afterMillis());
    now += 180_000;
    step(new GenerationInput.TimerFired(1, GenerationInput.Timer.LEASE));
    finalStored("r");
    assertEquals("interrupted", room.status("r"));
    assertEquals(1, all(GenerationEffect.Cancel.class).size());
  }

  @DisplayName("text of an ended run is ignored")
  @Test
  void textOfAnEndedRunIsIgnored() {
    startRun("r");
    step(new GenerationInput.Text(1, "in time"));
    step(new GenerationInput.Answered(1, Optional.empty()));
    step(new GenerationInput.Text(1, "late"));
    step(new GenerationInput.CallFailed(1, "late"));
    finalStored("r");
    startRun("s");
    step(new GenerationInput.Text(1, "later"));
    assertEquals("in time", room.text("r"));
    assertEquals("", room.text("s"));
    assertEquals("done", room.status("r"));
  }

  @DisplayName("forged values are reported and repaired, at most four times a second")
  @Test
  void forgedValuesAreReportedAndRepairedAtMostFourTimesASecond() {
    startRun("r");
    for (int i = 0; i < 10; i++) {
      room.forge(FakeRoom.Forgery.CHANGE_EPOCH, "r");
      observe();
      now += 50;
    }
    assertEquals(2, all(GenerationEffect.Forged.class).size());
    assertFalse(all(GenerationEffect.ObserveLater.class).isEmpty());
    now += 300;
    observe();
    assertEquals(1, room.epochNumber());
    room.forge(FakeRoom.Forgery.ADD_RESULT, "invented");
    now += 300;
    observe();
    assertEquals("none", room.status("invented"));
    assertEquals(List.of("results/invented"), all(GenerationEffect.Forged.class).getLast().paths());
  }

  /** The result with one field more, for a document that adds a field to each stored result. */
  private static Value withAdditionalField(Value result) {
    var entries = new java.util.TreeMap<>(((Value.MapOf) result).entries());
    entries.put("additional", Value.of(true));
    return new Value.MapOf(entries);
  }

  private java.util.SortedMap<String, Value> result(String request) {
    return java.util.Objects.requireNonNull(room.results.get(request));
  }

  private long repairs() {
    return all(GenerationEffect.ReadBack.class).size();
  }

  @Test
  @DisplayName(
      "[GE8] a repair without effect is abandoned and reported once; no write counts as forged")
  void repairWithoutEffectIsReportedOnce() {
    startRun("r");
    step(new GenerationInput.Text(1, "words"));
    step(new GenerationInput.Answered(1, Optional.empty()));
    finalStored("r");
    observe();
    room.storedForm = GenerationStateTest::withAdditionalField;
    for (int i = 0; i < 40; i++) {
      observe();
      now += 250;
    }
    assertEquals(1, repairs());
    assertEquals(1, all(GenerationEffect.RepairGivenUp.class).size());
    assertEquals(
        List.of("results/r"), all(GenerationEffect.RepairGivenUp.class).getFirst().paths());
    assertTrue(all(GenerationEffect.Forged.class).isEmpty());

    result("r").put("status", Value.of("forged"));
    observe();
    assertEquals("done", room.status("r"), "a forged value of this result is still repaired");
    now += 250;
    observe();
    assertEquals(2, repairs());

    state = process(1, List.of(state.record("r").orElseThrow()));
    for (int i = 0; i < 8; i++) {
      observe();
      now += 250;
    }
    assertEquals(3, repairs(), "after a restart the repair is tried once");
    assertEquals(
        1, all(GenerationEffect.Forged.class).size(), "only the forged value counts as forged");
  }

  @Test
  @DisplayName(
      "[GE8] a value that the document cannot keep does not delay the repair of other values")
  void unwritableValueDoesNotDelayOtherRepairs() {
    startRun("r");
    step(new GenerationInput.Text(1, "words"));
    step(new GenerationInput.Answered(1, Optional.empty()));
    finalStored("r");
    observe();
    room.storedForm = GenerationStateTest::withAdditionalField;
    room.forge(FakeRoom.Forgery.CHANGE_EPOCH, "r");
    room.forge(FakeRoom.Forgery.ADD_RESULT, "invented");
    observe();
    assertEquals(1, room.epochNumber());
    assertEquals("none", room.status("invented"));
    assertEquals(
        List.of("generation/epoch", "results/invented"),
        all(GenerationEffect.Forged.class).getFirst().paths());
    assertEquals(
        List.of("results/r"), all(GenerationEffect.RepairGivenUp.class).getFirst().paths());
  }

  @Test
  @DisplayName("each ending of a model gives its status, its ending code and its reason")
  void endingsHaveStatusCodeAndReason() {
    record Case(Ending ending, String detail, String status, String reason) {}
    for (var each :
        List.of(
            new Case(Ending.COMPLETE, "", "done", ""),
            new Case(Ending.LENGTH, "", "stopped", "stopped at the model's own limit"),
            new Case(
                Ending.CONTENT_FILTER,
                "",
                "stopped",
                "the provider's content filter stopped the answer"),
            new Case(Ending.REFUSAL, "No.", "error", "the model refused to answer: No."),
            new Case(
                Ending.TOOL_CALLS, "", "error", "the model asked for a tool, and rooms have none"),
            new Case(Ending.OTHER, "x", "stopped", "the model ended the answer with “x”"),
            new Case(Ending.THOUGHTS, "", "error", "the model only thought and wrote no answer"))) {
      reset();
      startRun("r");
      step(new GenerationInput.Text(1, "part"));
      step(new GenerationInput.Answered(1, Optional.empty(), each.ending(), each.detail()));
      finalStored("r");
      assertEquals(each.status(), room.status("r"), each.toString());
      assertEquals(each.reason(), state.record("r").orElseThrow().reason());
      assertEquals(Value.of(each.ending().wire()), result("r").get("ending"));
      assertEquals("part", room.text("r"));
    }
  }

  private void reset() {
    room.results.clear();
    room.locks.clear();
    room.fields.clear();
    room.fields.put("epoch", Value.of(0L));
    state = process(0, List.of());
  }

  @Test
  @DisplayName(
      "a blank answer that the model reports as complete is an error with the ending \"empty\"")
  void blankAnswerIsNeverDone() {
    for (var text : List.of("", " ", "\n\t\n")) {
      reset();
      startRun("r");
      step(new GenerationInput.Text(1, text));
      step(new GenerationInput.Answered(1, Optional.empty()));
      finalStored("r");
      assertEquals("error", room.status("r"));
      assertEquals(Value.of("empty"), result("r").get("ending"));
    }
  }

  @Test
  @DisplayName("surrogate halves join across pieces; each unpaired half becomes U+FFFD")
  void unpairedSurrogatesAreReplaced() {
    startRun("r");
    for (var piece : List.of("a\ud83d", "\ude00", "\ude00b", "\ud83d", "\ud83d", "c\ud83d")) {
      step(new GenerationInput.Text(1, piece));
      step(new GenerationInput.TimerFired(1, GenerationInput.Timer.DELTA));
      step(new GenerationInput.TimerFired(1, GenerationInput.Timer.FLUSH));
    }
    step(new GenerationInput.Answered(1, Optional.empty()));
    finalStored("r");
    var expected = "a\ud83d\ude00\ufffdb\ufffd\ufffdc\ufffd";
    assertEquals(expected, room.text("r"));
    assertEquals(expected, state.record("r").orElseThrow().text());
    var broadcast = new StringBuilder();
    for (var next : all(GenerationEffect.Broadcast.class)) {
      assertEquals(broadcast.length(), next.index());
      broadcast.append(next.text());
    }
    assertEquals(expected, broadcast.toString());
  }

  @Test
  @DisplayName("the prompt has the cards that the request names, with their text at that time")
  void promptHasTheCardsAtTheRequest() {
    Lock lock = addRequest("r", "p0");
    room.cards.add(FakeRoom.card("c9", CardType.CUSTOM, "TOO LATE"));
    observe();
    room.cards.set(0, FakeRoom.card("c1", CardType.ROLE, "EDITED LATER"));
    step(new GenerationInput.GrantStored(1, null));
    var call = all(GenerationEffect.Call.class).getFirst().request();
    assertEquals("Act as an editor\n\nPlain", call.messages().getFirst().content());
    assertEquals(lock.query(), call.messages().getLast().content());
    assertTrue(call.tokensMax().isEmpty());
  }

  @DisplayName("a run uses the model in the room's settings if the server offers it")
  @Test
  void roomsModelIsUsedIfTheServerOffersIt() {
    for (var model : List.of("other", "stub", " ")) {
      room.model = model;
      assertEquals(
          Optional.empty(),
          preparation.refusalReason(new Lock("r", "p0", now, "q", List.of(), 0), room.view()),
          model);
    }
    room.model = "other";
    startRun("r0");
    assertEquals("other", all(GenerationEffect.Call.class).getFirst().request().model());
    assertEquals("other", state.running().orElseThrow().model());
  }

  @DisplayName("a request for a model that the server does not offer is refused without a call")
  @Test
  void unknownModelIsRefused() {
    room.model = "the-expensive-one";
    Lock lock = addRequest("r0", "p0");
    assertEquals(
        Optional.of("invalid: this server does not offer the room's model"),
        state.refusalReason(lock, room.view()));
    observe();
    finalStored("r0");
    assertEquals("refused", room.status("r0"));
    assertTrue(all(GenerationEffect.StoreGrant.class).isEmpty(), "a refused request uses no epoch");
    room.model = null;
    startRun("r1");
    assertEquals("stub", all(GenerationEffect.Call.class).getFirst().request().model());
  }

  @Test
  @DisplayName("[GE3] a card stack that is too long to store as a prompt is refused")
  void tooLongStackIsRefused() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      ids.add("long" + i);
      room.cards.add(FakeRoom.card("long" + i, CardType.CUSTOM, "漢".repeat(4_000)));
    }
    var lock = new Lock("r0", "p0", now, "q", ids, 0);
    var reason = state.refusalReason(lock, room.view()).orElseThrow();
    assertTrue(reason.startsWith("invalid: the cards and the system prompt have 320"), reason);
    room.addLock(lock, false);
    observe();
    finalStored("r0");
    assertEquals("refused", room.status("r0"));
    assertTrue(all(GenerationEffect.StoreGrant.class).isEmpty());
    var shorter = new Lock("r1", "p0", now, "q", ids.subList(0, 70), 0);
    assertEquals(Optional.empty(), state.refusalReason(shorter, room.view()));
  }

  @Test
  @DisplayName("[PF4] a token-limit card is sent unchanged; without a card no limit is sent")
  void tokenLimitIsSentUnchanged() {
    RoomView view = room.view();
    Lock lock = new Lock("r", "p0", now, "q", List.of("c3"), 0);
    room.cards.add(FakeRoom.card("c3", CardType.TOKEN_LIMIT, "50"));
    assertEquals(50, preparation.prepare(lock, room.view()).call().tokensMax().orElseThrow());
    room.cards.set(2, FakeRoom.card("c3", CardType.TOKEN_LIMIT, "99999"));
    assertEquals(99_999, preparation.prepare(lock, room.view()).call().tokensMax().orElseThrow());
    assertTrue(preparation.prepare(lock, view).call().tokensMax().isEmpty());
    assertEquals("stub", preparation.prepare(lock, view).model());
    BuiltPrompt.Preparation withSetting =
        new PromptBuilder(
            "stub",
            Set.of(),
            ServiceLimits.defaults().withAnswerTokens(70).model(),
            _ -> 0,
            _ -> OptionalInt.empty(),
            _ -> true);
    assertEquals(70, withSetting.prepare(lock, view).call().tokensMax().orElseThrow());
    assertEquals("setting", withSetting.prepare(lock, view).limitedBy());
    assertEquals(99_999, withSetting.prepare(lock, room.view()).call().tokensMax().orElseThrow());
  }
}
