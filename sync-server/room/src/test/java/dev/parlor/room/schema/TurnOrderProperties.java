package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TurnOrderProperties {

  @Provide
  Arbitrary<RoomView> rooms() {
    var people =
        Combinators.combine(
                Arbitraries.integers().between(0, 7),
                Arbitraries.of(Participant.Role.class),
                Arbitraries.longs().between(0, 4))
            .as((name, role, at) -> Rooms.person("p" + name, role, at))
            .list()
            .ofMaxSize(7)
            .uniqueElements(Participant::identity);
    var plays =
        Combinators.combine(
                Arbitraries.integers().between(0, 50),
                Arbitraries.integers().between(0, 8),
                Arbitraries.integers().between(0, 6))
            .as((id, by, turn) -> Rooms.play("c" + id, "p" + by, turn))
            .list()
            .ofMaxSize(12)
            .uniqueElements(Card::id);
    return Combinators.combine(people, plays, Arbitraries.integers().between(1, 8))
        .as((participants, cards, seats) -> Rooms.room(Rooms.turns(seats), participants, cards));
  }

  @Property
  @Label("the turn order does not depend on the order in which participants and cards arrive")
  void turnOrderDoesNotDependOnTheOrderOfArrival(
      @ForAll("rooms") RoomView room, @ForAll long seed) {
    var people = new ArrayList<>(room.participants());
    var cards = new ArrayList<>(room.cards());
    Collections.shuffle(people, new Random(seed));
    Collections.shuffle(cards, new Random(seed + 1));
    assertEquals(
        TurnOrder.of(room, Set.of()),
        TurnOrder.of(Rooms.room(room.settings(), people, cards), Set.of()));
  }

  @Property
  @Label("[TU1, TU2] each person is player or spectator, seats are limited, each turn has one card")
  void seatsAreLimitedAndTurnsUnique(@ForAll("rooms") RoomView room) {
    var order = TurnOrder.of(room, Set.of());
    var identities = new HashSet<>(order.players());
    identities.addAll(order.spectators());
    assertEquals(room.participants().size(), identities.size());
    assertEquals(room.participants().size(), order.players().size() + order.spectators().size());
    assertTrue(order.players().size() <= room.settings().maxPlayers());
    assertEquals(room.cards().size(), order.turn() + order.outOfTurn().size());
    assertTrue(order.holder() == null || order.players().contains(order.holder()));
  }

  @Property
  @Label("[TU2] after the holder's play, other claims of the same turn skip no participant")
  void otherClaimsSkipNoHolder(
      @ForAll("rooms") RoomView room, @ForAll @IntRange(min = 0, max = 8) int other) {
    var before = TurnOrder.of(room, Set.of());
    var holder = before.holder();
    if (holder == null) {
      return;
    }
    var played = new ArrayList<>(room.cards());
    played.add(Rooms.play("holder", holder, before.turn()));
    var withHolderPlay =
        TurnOrder.of(Rooms.room(room.settings(), room.participants(), played), Set.of());
    played.add(Rooms.play("competing", "p" + other, before.turn()));
    var withBothPlays =
        TurnOrder.of(Rooms.room(room.settings(), room.participants(), played), Set.of());
    assertEquals(withHolderPlay.turn(), withBothPlays.turn());
    assertEquals(withHolderPlay.holder(), withBothPlays.holder());
    assertTrue(
        withBothPlays.outOfTurn().contains(holder.equals("p" + other) ? "holder" : "competing"));
  }

  @Property
  @Label(
      "[TU3] an absent participant never has the turn; if any seated participant is present, one has it")
  void absentParticipantsHaveNoTurn(
      @ForAll("rooms") RoomView room,
      @ForAll @Size(max = 7) Set<@IntRange(min = 0, max = 7) Integer> away) {
    var names = new HashSet<String>();
    away.forEach(name -> names.add("p" + name));
    var order = TurnOrder.of(room, names);
    if (order.holder() != null) {
      assertNotEquals(true, names.contains(order.holder()));
    } else {
      assertTrue(names.containsAll(order.players()));
    }
    assertEquals(TurnOrder.of(room, Set.of()).turn(), order.turn());
    List<String> seats = TurnOrder.of(room, Set.of()).players();
    assertEquals(seats, order.players());
  }
}
