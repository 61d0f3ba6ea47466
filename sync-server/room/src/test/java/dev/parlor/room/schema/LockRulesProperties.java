package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class LockRulesProperties {

  private static final RoomView ROOM =
      Rooms.room(
          Settings.standard(),
          List.of(
              Rooms.person("anna", Participant.Role.HOST, 1),
              Rooms.person("ben", Participant.Role.PLAYER, 2),
              Rooms.person("eve", Participant.Role.SPECTATOR, 3)),
          List.of(Rooms.card("c1", CardType.ROLE, "r", "a0")));

  private static Lock lock(String request, String by, long seen) {
    return new Lock(request, by, Rooms.NOW, "Write it.", List.of("c1"), seen);
  }

  private static LockRules.ServerState idle(long epoch) {
    return new LockRules.ServerState(epoch, null, Set.of(), Rooms.NOW);
  }

  private static LockRules.ServerState busy(long epoch) {
    return new LockRules.ServerState(epoch, "running", Set.of(), Rooms.NOW);
  }

  private static String reason(LockRules.ServerState serverState, Lock lock) {
    var decision = LockRules.decide(serverState, List.of(lock), ROOM);
    assertTrue(decision.granted().isEmpty(), decision::toString);
    assertEquals(1, decision.refusals().size());
    assertEquals(lock.request(), decision.refusals().getFirst().request());
    return decision.refusals().getFirst().reason();
  }

  @Example
  @Label("[GE2, GE3] the winner is granted, and the other requests are refused as lost to it")
  void theWinnerIsGranted() {
    var locks = new ArrayList<Lock>();
    for (var i = 0; i < 20; i++) {
      locks.add(lock("r" + i, i % 2 == 0 ? "anna" : "ben", 4));
    }
    var decision = LockRules.decide(idle(4), locks, ROOM);
    assertEquals("r0", decision.granted().orElseThrow().request());
    assertEquals(19, decision.refusals().size());
    assertTrue(decision.refusals().stream().allMatch(r -> r.reason().equals("lost-to r0")));
  }

  @Example
  @Label("[GE3] each kind of refused request gets its own reason")
  void eachRefusalHasItsReason() {
    assertEquals("not-allowed", reason(idle(4), lock("r", "eve", 4)));
    assertEquals("not-allowed", reason(idle(4), lock("r", "unknown", 4)));
    assertEquals("stale", reason(idle(4), lock("r", "anna", 3)));
    assertEquals("stale", reason(idle(4), lock("r", "anna", 5)));
    assertEquals("stale", reason(idle(4), lock("r", "anna", -1)));
    assertEquals("busy", reason(busy(4), lock("r", "anna", 4)));
    assertEquals("lost-to running", reason(busy(4), lock("r", "anna", 3)));
    assertEquals("stale", reason(busy(4), lock("r", "anna", 2)));
    var now = Rooms.NOW;
    assertEquals(
        "stale",
        reason(
            idle(4),
            new Lock("r", "anna", now - RoomLimits.REQUEST_AGE_MILLIS_MAX - 1, "q", List.of(), 4)));
    assertEquals(
        "invalid: query is empty", reason(idle(4), new Lock("r", "anna", now, " ", List.of(), 4)));
    assertEquals(
        "invalid: query is longer than 16000 characters",
        reason(idle(4), new Lock("r", "anna", now, "q".repeat(16_001), List.of(), 4)));
    assertEquals(
        "invalid: cards names a card that is not in the room",
        reason(idle(4), new Lock("r", "anna", now, "q", List.of("c1", "c2"), 4)));
  }

  @Example
  @Label("[GE2] a request that has a result, that runs, or that has an invalid id gets no decision")
  void decidedRequestsGetNoDecision() {
    var serverState = new LockRules.ServerState(4, "running", Set.of("done"), Rooms.NOW);
    var locks = List.of(lock("done", "anna", 4), lock("running", "anna", 3), lock("", "anna", 4));
    assertEquals(
        new LockRules.Decision(null, List.of()), LockRules.decide(serverState, locks, ROOM));
    assertEquals(
        new LockRules.Decision(null, List.of()),
        LockRules.decide(idle(4), List.of(lock("\ud83e\udda6", "anna", 4)), ROOM));
  }

  @Example
  @Label("[GE2] an invalid winner does not block a valid request")
  void invalidWinnerDoesNotBlock() {
    var decision =
        LockRules.decide(idle(4), List.of(lock("x", "eve", 4), lock("y", "ben", 4)), ROOM);
    assertEquals("y", decision.granted().orElseThrow().request());
    assertEquals("not-allowed", decision.refusals().getFirst().reason());
  }

  @Provide
  Arbitrary<Lock> locks() {
    return Combinators.combine(
            Arbitraries.of("r1", "r2", "r3", "r4", "done", "running", "", "invalid\0"),
            Arbitraries.of("anna", "ben", "eve", "unknown", ""),
            Arbitraries.longs().between(-1, 4),
            Arbitraries.of("q", "", "Write it."),
            Arbitraries.of("c1", "c2"))
        .as(
            (request, by, seen, query, card) ->
                new Lock(request, by, Rooms.NOW, query, List.of(card), seen));
  }

  @Property
  @Label(
      "[GE2, GE3] at most one valid request is granted; every other undecided request gets one refusal")
  void atMostOneGrant(
      @ForAll @Size(max = 8) List<@From("locks") Lock> locks,
      @ForAll boolean running,
      @ForAll boolean hasDone) {
    var serverState =
        new LockRules.ServerState(
            2, running ? "running" : null, hasDone ? Set.of("done") : Set.of(), Rooms.NOW);
    var decision = LockRules.decide(serverState, locks, ROOM);
    decision
        .granted()
        .ifPresent(
            granted -> {
              assertFalse(running);
              assertEquals(2, granted.seen());
              assertTrue(Set.of("anna", "ben").contains(granted.by()));
              assertTrue(decision.refusals().stream().noneMatch(r -> r.lock().equals(granted)));
            });
    var answered = new ArrayList<String>();
    decision.granted().ifPresent(granted -> answered.add(granted.request()));
    decision.refusals().forEach(refusal -> answered.add(refusal.request()));
    var undecided = new HashSet<String>();
    for (var lock : locks) {
      var name = lock.request();
      if (name.matches("[a-z0-9]+")
          && !(running && name.equals("running"))
          && !(hasDone && name.equals("done"))) {
        undecided.add(name);
      }
    }
    assertEquals(undecided, new HashSet<>(answered));
    assertEquals(undecided.size(), answered.size());
    assertTrue(
        decision.refusals().stream()
            .allMatch(r -> r.reason().matches("lost-to \\w+|stale|busy|not-allowed|invalid: .+")));
  }
}
