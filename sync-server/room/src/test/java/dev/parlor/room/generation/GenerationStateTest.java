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

/** The seven steps of a generation, each tested alone; {@link GenerationProperties} mixes them. */
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

  /** Applies writes to the document; keeps all other effects for the test. */
  private void perform(List<GenerationEffect> done) {
    for (GenerationEffect effect : done) {
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

  private void seal(String... requests) {
    step(new GenerationInput.Sealed(List.of(requests)));
  }

  private Lock press(String request, String by) {
    Lock lock = FakeRoom.lock(request, by, room.epochNumber(), now);
    room.addLock(lock, false);
    return lock;
  }

  /** A run that has started to call the model. */
  private void running(String request) {
    press(request, "p0");
    observe();
    step(new GenerationInput.Stored(state.epoch(), null));
  }

  @Test
  @DisplayName("[GE2] the epoch is committed before the grant is written and the model is called")
  void epochFirst() {
    press("r", "p0");
    observe();
    assertEquals(1, all(GenerationEffect.Store.class).getFirst().epoch());
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertEquals(0, room.epochNumber());
    step(new GenerationInput.Stored(1, null));
    assertEquals(1, all(GenerationEffect.Call.class).getFirst().epoch());
    assertEquals(1, room.epochNumber());
    assertEquals("running", room.status("r"));
  }

  @DisplayName("if the epoch cannot be written, no call is made and the result is an error")
  @Test
  void failedEpochWriteMakesNoCallAndAnError() {
    press("r", "p0");
    observe();
    step(new GenerationInput.Stored(1, "the server could not save the request"));
    seal("r");
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertEquals("error", room.status("r"));
    assertTrue(room.locks.isEmpty());
  }

  @Test
  @DisplayName("[GE3] of twenty requests one is granted, concurrent ones lose, late ones are stale")
  void twenty() {
    List<String> late = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      if (i < 15) {
        press("r" + i, "p" + i % 5);
      } else {
        late.add("r" + i);
      }
    }
    observe();
    step(new GenerationInput.Stored(1, null));
    all(GenerationEffect.Seal.class)
        .forEach(s -> seal(s.records().stream().map(RunRecord::request).toArray(String[]::new)));
    step(new GenerationInput.Text(1, "hello"));
    step(new GenerationInput.Answered(1, Optional.of(new Usage(1, 2, false))));
    seal("r0");
    observe();
    late.forEach(request -> room.addLock(FakeRoom.lock(request, "p1", 0, now), true));
    observe();
    var last = all(GenerationEffect.Seal.class).getLast();
    seal(last.records().stream().map(RunRecord::request).toArray(String[]::new));
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

  @DisplayName(
      "a request of a peer that may not play is refused, and the next value of the lock is granted")
  @Test
  void requestWithoutPermissionIsRefusedAndTheNextIsGranted() {
    press("r1", FakeRoom.SPECTATOR);
    press("r2", "p1");
    observe();
    assertEquals("not-allowed", state.record("r1").orElseThrow().reason());
    assertEquals("r2", state.running().orElseThrow().request());
  }

  @Test
  @DisplayName(
      "[GE3] an identity above its limit of requests a minute is refused with the time of the next")
  void tooMany() {
    for (int i = 0; i < 4; i++) {
      running("r" + i);
      step(new GenerationInput.Text(state.epoch(), "words"));
      step(new GenerationInput.Answered(state.epoch(), Optional.empty()));
      seal("r" + i);
      observe();
      now += 1_000;
    }
    assertEquals(3, all(GenerationEffect.Call.class).size());
    assertEquals("too-many 1060000 3", state.record("r3").orElseThrow().reason());
    assertEquals(
        Optional.of("too-many 1060000 3"), state.objection(press("r4", "p0"), room.view(), now));
    assertEquals(Optional.empty(), state.objection(press("r5", "p1"), room.view(), now));
    room.locks.clear();
    now = 1_060_000;
    running("r6");
    assertEquals(4, all(GenerationEffect.Call.class).size());
  }

  @Test
  @DisplayName(
      "[GE4] tokens are sent at most every 30 ms and written at most every 500 ms or 100 B")
  void pace() {
    running("r");
    for (int i = 0; i < 30; i++) {
      step(new GenerationInput.Text(1, "x"));
      now += 1;
    }
    assertEquals(1, all(GenerationEffect.Tell.class).size());
    assertEquals("", room.text("r"));
    step(new GenerationInput.Woken(1, GenerationInput.Alarm.DELTA));
    assertEquals(29, all(GenerationEffect.Tell.class).getLast().text().length());
    assertEquals(1, all(GenerationEffect.Tell.class).getLast().index());
    now += 470;
    step(new GenerationInput.Woken(1, GenerationInput.Alarm.FLUSH));
    assertEquals("x".repeat(30), room.text("r"));
    now += 100;
    step(new GenerationInput.Text(1, "y".repeat(100)));
    assertEquals("x".repeat(30) + "y".repeat(100), room.text("r"));
  }

  @DisplayName("a character is never split between two pieces")
  @Test
  void characterIsNeverSplit() {
    running("r");
    step(new GenerationInput.Text(1, "a\ud83d"));
    assertEquals("a", all(GenerationEffect.Tell.class).getLast().text());
    now += 600;
    step(new GenerationInput.Woken(1, GenerationInput.Alarm.FLUSH));
    assertEquals("a", room.text("r"));
    step(new GenerationInput.Text(1, "\ude00b"));
    assertEquals("😀b", all(GenerationEffect.Tell.class).getLast().text());
    step(new GenerationInput.Answered(1, Optional.empty()));
    seal("r");
    assertEquals("a😀b", room.text("r"));
  }

  @DisplayName("an endless answer is cut off and its part is kept")
  @Test
  void endlessAnswerIsCutOffAndItsPartKept() {
    running("r");
    step(new GenerationInput.Text(1, "x".repeat(401)));
    assertEquals(1, all(GenerationEffect.Cancel.class).size());
    seal("r");
    assertEquals("error", room.status("r"));
    assertEquals(401, room.text("r").length());
  }

  @Test
  @DisplayName(
      "[GE5] a stop cancels the call at the provider, keeps the partial answer and frees the lock")
  void stop() {
    running("r");
    step(new GenerationInput.Text(1, "part"));
    room.stop("r", FakeRoom.SPECTATOR);
    observe();
    assertTrue(all(GenerationEffect.Cancel.class).isEmpty());
    room.stop("r", "p3");
    observe();
    assertEquals(1, all(GenerationEffect.Cancel.class).size());
    seal("r");
    observe();
    assertEquals("stopped", room.status("r"));
    assertEquals("part", room.text("r"));
    assertTrue(room.locks.isEmpty() && room.stops.isEmpty());
  }

  @DisplayName("a stop that arrives together with its lock makes no call")
  @Test
  void stopThatArrivesWithItsLockMakesNoCall() {
    press("r", "p0");
    room.stop("r", "p0");
    observe();
    step(new GenerationInput.Stored(1, null));
    seal("r");
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertEquals("stopped", room.status("r"));
  }

  @Test
  @DisplayName("[GE6] a run of a crashed process becomes interrupted and keeps its partial answer")
  void crash() {
    running("r");
    step(new GenerationInput.Text(1, "y".repeat(150)));
    RunRecord onDisk = all(GenerationEffect.Keep.class).getLast().record();
    state = process(1, List.of(onDisk));
    effects.clear();
    perform(state.recover(now));
    observe();
    seal("r");
    observe();
    assertEquals("interrupted", room.status("r"));
    assertEquals(150, room.text("r").length());
    assertTrue(room.locks.isEmpty());
    assertNull(room.grant);
    assertTrue(all(GenerationEffect.Call.class).isEmpty());
    assertTrue(all(GenerationEffect.Forged.class).isEmpty(), "a crash is no forgery");
    running("again");
    assertEquals(2, all(GenerationEffect.Call.class).getFirst().epoch());
  }

  @DisplayName("an expired lease ends the run")
  @Test
  void expiredLeaseEndsTheRun() {
    running("r");
    assertEquals(
        180_000,
        all(GenerationEffect.Wake.class).stream()
            .filter(wake -> wake.alarm() == GenerationInput.Alarm.LEASE)
            .findFirst()
            .orElseThrow()
            .afterMillis());
    now += 180_000;
    step(new GenerationInput.Woken(1, GenerationInput.Alarm.LEASE));
    seal("r");
    assertEquals("interrupted", room.status("r"));
    assertEquals(1, all(GenerationEffect.Cancel.class).size());
  }

  @DisplayName("text of an ended run is ignored")
  @Test
  void textOfAnEndedRunIsIgnored() {
    running("r");
    step(new GenerationInput.Text(1, "in time"));
    step(new GenerationInput.Answered(1, Optional.empty()));
    step(new GenerationInput.Text(1, "late"));
    step(new GenerationInput.CallFailed(1, "late"));
    seal("r");
    running("s");
    step(new GenerationInput.Text(1, "later"));
    assertEquals("in time", room.text("r"));
    assertEquals("", room.text("s"));
    assertEquals("done", room.status("r"));
  }

  @DisplayName("forged values are reported and repaired, at most four times a second")
  @Test
  void forgedValuesAreReportedAndRepairedAtMostFourTimesASecond() {
    running("r");
    for (int i = 0; i < 10; i++) {
      room.forge(FakeRoom.Forgery.CHANGE_EPOCH, "r");
      observe();
      now += 50;
    }
    assertEquals(2, all(GenerationEffect.Forged.class).size());
    assertFalse(all(GenerationEffect.LookAgain.class).isEmpty());
    now += 300;
    observe();
    assertEquals(Value.of(1L), room.epoch);
    room.forge(FakeRoom.Forgery.ADD_RESULT, "invented");
    now += 300;
    observe();
    assertEquals("none", room.status("invented"));
    assertEquals(List.of("results/invented"), all(GenerationEffect.Forged.class).getLast().paths());
  }

  /** A document that stores each result with one additional field. */
  private static Value withAnotherField(Value result) {
    var entries = new java.util.TreeMap<>(((Value.MapOf) result).entries());
    entries.put("odd", Value.of(true));
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
  void unwritable() {
    running("r");
    step(new GenerationInput.Text(1, "words"));
    step(new GenerationInput.Answered(1, Optional.empty()));
    seal("r");
    observe();
    room.storedForm = GenerationStateTest::withAnotherField;
    for (int i = 0; i < 40; i++) {
      observe();
      now += 250;
    }
    assertEquals(1, repairs());
    assertEquals(1, all(GenerationEffect.GivenUp.class).size());
    assertEquals(List.of("results/r"), all(GenerationEffect.GivenUp.class).getFirst().paths());
    assertTrue(all(GenerationEffect.Forged.class).isEmpty());

    result("r").put("status", Value.of("forged"));
    observe();
    assertEquals("done", room.status("r"), "a forged value there is still repaired");
    now += 250;
    observe();
    assertEquals(2, repairs());

    state = process(1, List.of(state.record("r").orElseThrow()));
    for (int i = 0; i < 8; i++) {
      observe();
      now += 250;
    }
    assertEquals(3, repairs(), "after a restart it is tried once");
    assertEquals(1, all(GenerationEffect.Forged.class).size(), "the forger's alone");
  }

  @Test
  @DisplayName(
      "[GE8] a value that the document cannot keep does not delay the repair of other values")
  void unwritableBesideForged() {
    running("r");
    step(new GenerationInput.Text(1, "words"));
    step(new GenerationInput.Answered(1, Optional.empty()));
    seal("r");
    observe();
    room.storedForm = GenerationStateTest::withAnotherField;
    room.forge(FakeRoom.Forgery.CHANGE_EPOCH, "r");
    room.forge(FakeRoom.Forgery.ADD_RESULT, "invented");
    observe();
    assertEquals(Value.of(1L), room.epoch);
    assertEquals("none", room.status("invented"));
    assertEquals(
        List.of("generation/epoch", "results/invented"),
        all(GenerationEffect.Forged.class).getFirst().paths());
    assertEquals(List.of("results/r"), all(GenerationEffect.GivenUp.class).getFirst().paths());
  }

  @Test
  @DisplayName("each ending of a model gives its status, its ending code and its reason")
  void endings() {
    record Case(Ending ending, String said, String status, String reason) {}
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
      setUpAgain();
      running("r");
      step(new GenerationInput.Text(1, "part"));
      step(new GenerationInput.Answered(1, Optional.empty(), each.ending(), each.said()));
      seal("r");
      assertEquals(each.status(), room.status("r"), each.toString());
      assertEquals(each.reason(), state.record("r").orElseThrow().reason());
      assertEquals(Value.of(each.ending().wire()), result("r").get("ending"));
      assertEquals("part", room.text("r"));
    }
  }

  private void setUpAgain() {
    room.results.clear();
    room.locks.clear();
    room.epoch = Value.of(0L);
    room.grant = null;
    state = process(0, List.of());
  }

  @Test
  @DisplayName("an answer without text is never \"done\", whatever ending the model reports")
  void emptyIsNeverDone() {
    for (var text : List.of("", " ", "\n\t\n")) {
      setUpAgain();
      running("r");
      step(new GenerationInput.Text(1, text));
      step(new GenerationInput.Answered(1, Optional.empty()));
      seal("r");
      assertEquals("error", room.status("r"));
      assertEquals(Value.of("empty"), result("r").get("ending"));
    }
  }

  @Test
  @DisplayName("surrogate halves join across pieces; each unpaired half becomes U+FFFD")
  void halves() {
    running("r");
    for (var piece : List.of("a\ud83d", "\ude00", "\ude00b", "\ud83d", "\ud83d", "c\ud83d")) {
      step(new GenerationInput.Text(1, piece));
      step(new GenerationInput.Woken(1, GenerationInput.Alarm.DELTA));
      step(new GenerationInput.Woken(1, GenerationInput.Alarm.FLUSH));
    }
    step(new GenerationInput.Answered(1, Optional.empty()));
    seal("r");
    var whole = "a\ud83d\ude00\ufffdb\ufffd\ufffdc\ufffd";
    assertEquals(whole, room.text("r"));
    assertEquals(whole, state.record("r").orElseThrow().text());
    var told = new StringBuilder();
    for (var tell : all(GenerationEffect.Tell.class)) {
      assertEquals(told.length(), tell.index());
      told.append(tell.text());
    }
    assertEquals(whole, told.toString());
  }

  @Test
  @DisplayName("the prompt has the cards that the request names, with their text at that time")
  void cardsAtTheRequest() {
    Lock lock = press("r", "p0");
    room.cards.add(FakeRoom.card("c9", CardType.CUSTOM, "TOO LATE"));
    observe();
    room.cards.set(0, FakeRoom.card("c1", CardType.ROLE, "EDITED LATER"));
    step(new GenerationInput.Stored(1, null));
    var call = all(GenerationEffect.Call.class).getFirst().request();
    assertEquals("Act as an editor\n\nPlain", call.messages().getFirst().content());
    assertEquals(lock.query(), call.messages().getLast().content());
    assertTrue(call.tokensMax().isEmpty());
  }

  @DisplayName("the room's model answers if the server offers it")
  @Test
  void roomsModelIsUsedIfTheServerOffersIt() {
    for (var model : List.of("other", "stub", " ")) {
      room.model = model;
      assertEquals(
          Optional.empty(),
          preparation.objection(new Lock("r", "p0", now, "q", List.of(), 0), room.view()),
          model);
    }
    room.model = "other";
    running("r0");
    assertEquals("other", all(GenerationEffect.Call.class).getFirst().request().model());
    assertEquals("other", state.running().orElseThrow().model());
  }

  @DisplayName("a request for a model that the server does not offer is refused without a call")
  @Test
  void unknownModelIsRefused() {
    room.model = "the-expensive-one";
    Lock lock = press("r0", "p0");
    assertEquals(
        Optional.of("invalid: this server does not offer the room's model"),
        state.objection(lock, room.view(), now));
    observe();
    seal("r0");
    assertEquals("refused", room.status("r0"));
    assertTrue(all(GenerationEffect.Store.class).isEmpty(), "no epoch is spent");
    room.model = null;
    running("r1");
    assertEquals("stub", all(GenerationEffect.Call.class).getFirst().request().model());
  }

  @Test
  @DisplayName("[GE3] a card stack that is too long to store as a prompt is refused")
  void longStacks() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      ids.add("long" + i);
      room.cards.add(FakeRoom.card("long" + i, CardType.CUSTOM, "漢".repeat(4_000)));
    }
    var lock = new Lock("r0", "p0", now, "q", ids, 0);
    var objection = state.objection(lock, room.view(), now).orElseThrow();
    assertTrue(
        objection.startsWith("invalid: the cards and the system prompt have 320"), objection);
    room.addLock(lock, false);
    observe();
    seal("r0");
    assertEquals("refused", room.status("r0"));
    assertTrue(all(GenerationEffect.Store.class).isEmpty());
    var shorter = new Lock("r1", "p0", now, "q", ids.subList(0, 70), 0);
    assertEquals(Optional.empty(), state.objection(shorter, room.view(), now));
  }

  @Test
  @DisplayName("[PF4] a token-limit card is sent unchanged; without a card no limit is sent")
  void tokensAsSet() {
    RoomView view = room.view();
    Lock lock = new Lock("r", "p0", now, "q", List.of("c3"), 0);
    room.cards.add(FakeRoom.card("c3", CardType.TOKEN_LIMIT, "50"));
    assertEquals(50, preparation.prepare(lock, room.view()).call().tokensMax().orElseThrow());
    room.cards.set(2, FakeRoom.card("c3", CardType.TOKEN_LIMIT, "99999"));
    assertEquals(99_999, preparation.prepare(lock, room.view()).call().tokensMax().orElseThrow());
    assertTrue(preparation.prepare(lock, view).call().tokensMax().isEmpty());
    assertEquals("stub", preparation.prepare(lock, view).model());
    BuiltPrompt.Preparation set =
        new PromptBuilder("stub", Set.of(), ServiceLimits.defaults().withAnswerTokens(70).model());
    assertEquals(70, set.prepare(lock, view).call().tokensMax().orElseThrow());
    assertEquals("setting", set.prepare(lock, view).limitedBy());
    assertEquals(99_999, set.prepare(lock, room.view()).call().tokensMax().orElseThrow());
  }
}
