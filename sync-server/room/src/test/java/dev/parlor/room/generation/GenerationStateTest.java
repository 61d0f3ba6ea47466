package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The steps of a generation, each tested alone. {@link GenerationProperties} combines them at
 * random.
 */
class GenerationStateTest {
  private final FakeRoom room = new FakeRoom();
  private final ServiceLimits.Generation limits =
      new ServiceLimits.Generation(3, 180, 500, 100, 30, 400);
  private final BuiltPrompt.Preparation preparation =
      new PromptBuilder("stub", Set.of("other"), ServiceLimits.defaults().model());
  private GenerationState state = process(0, List.of());
  private final List<GenerationEffect> effects = new ArrayList<>();
  private long now = 1_000_000;

  private GenerationState process(long epoch, List<RunRecord> ledger) {
    return new GenerationState(limits, "stub", preparation, epoch, ledger);
  }

  private void observe() {
    step(new GenerationInput.Observed(room.snapshot()));
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

  @Test
  @DisplayName(
      "[GE3] one of twenty requests is granted, concurrent requests lose, later ones are stale")
  void oneOfTwentyRequestsIsGranted() {
    List<String> staleRequests = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      if (i < 15) {
        addRequest("r" + i, "p" + i % 5);
      } else {
        staleRequests.add("r" + i);
      }
    }
    observe();
    step(new GenerationInput.GrantStored(1, null));
    all(GenerationEffect.StoreFinal.class)
        .forEach(
            s -> finalStored(s.records().stream().map(RunRecord::request).toArray(String[]::new)));
    step(new GenerationInput.Text(1, "hello"));
    step(new GenerationInput.Answered(1, Optional.of(new Usage(1, 2, false))));
    finalStored("r0");
    observe();
    staleRequests.forEach(request -> room.addLock(FakeRoom.lock(request, "p1", 0, now), true));
    observe();
    var last = all(GenerationEffect.StoreFinal.class).getLast();
    finalStored(last.records().stream().map(RunRecord::request).toArray(String[]::new));
    observe();
    assertEquals(1, all(GenerationEffect.Call.class).size());
    assertEquals("done", room.status("r0"));
    for (int i = 1; i < 20; i++) {
      RunRecord record = state.record("r" + i).orElseThrow();
      assertEquals(Status.REFUSED, record.status());
      assertEquals(i < 15 ? "lost-to r0" : "stale", record.reason());
      assertEquals("refused", room.status("r" + i));
    }
    assertTrue(room.locks.isEmpty());
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
      observe();
      now += 1_000;
    }
    assertEquals(3, all(GenerationEffect.Call.class).size());
    assertEquals("too-many 1060000 3", state.record("r3").orElseThrow().reason());
    assertEquals(
        Optional.of("too-many 1060000 3"),
        state.refusalReason(addRequest("r4", "p0"), room.view(), now));
    assertEquals(Optional.empty(), state.refusalReason(addRequest("r5", "p1"), room.view(), now));
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
    assertNull(room.grant);
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
    assertEquals(Value.of(1L), room.epoch);
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
    assertEquals(Value.of(1L), room.epoch);
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
    room.epoch = Value.of(0L);
    room.grant = null;
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
        state.refusalReason(lock, room.view(), now));
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
    var reason = state.refusalReason(lock, room.view(), now).orElseThrow();
    assertTrue(reason.startsWith("invalid: the cards and the system prompt have 320"), reason);
    room.addLock(lock, false);
    observe();
    finalStored("r0");
    assertEquals("refused", room.status("r0"));
    assertTrue(all(GenerationEffect.StoreGrant.class).isEmpty());
    var shorter = new Lock("r1", "p0", now, "q", ids.subList(0, 70), 0);
    assertEquals(Optional.empty(), state.refusalReason(shorter, room.view(), now));
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
        new PromptBuilder("stub", Set.of(), ServiceLimits.defaults().withAnswerTokens(70).model());
    assertEquals(70, withSetting.prepare(lock, view).call().tokensMax().orElseThrow());
    assertEquals("setting", withSetting.prepare(lock, view).limitedBy());
    assertEquals(99_999, withSetting.prepare(lock, room.view()).call().tokensMax().orElseThrow());
  }
}
