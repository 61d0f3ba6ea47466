package dev.parlor.room.schema;

import static dev.parlor.room.schema.Participant.Role.HOST;
import static dev.parlor.room.schema.Participant.Role.PLAYER;
import static dev.parlor.room.schema.Participant.Role.SPECTATOR;
import static dev.parlor.room.schema.Rooms.person;
import static dev.parlor.room.schema.Rooms.play;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TurnOrderTest {

  private static final List<Participant> THREE =
      List.of(person("anna", HOST, 1), person("ben", PLAYER, 2), person("cleo", PLAYER, 3));

  private static TurnOrder order(List<Card> cards, String... away) {
    return TurnOrder.of(Rooms.room(Rooms.turns(10), THREE, cards), Set.of(away));
  }

  @Test
  @DisplayName(
      "[TU1] seats are in the order of joining time, then identity; spectators have no seat")
  void seatsAreInJoiningOrder() {
    var people =
        List.of(
            person("late", PLAYER, 9),
            person("b", PLAYER, 5),
            person("a", PLAYER, 5),
            person("host", HOST, 7),
            person("spectator", SPECTATOR, 1));
    var order = TurnOrder.of(Rooms.room(Rooms.turns(10), people, List.of()), Set.of());
    assertEquals(List.of("a", "b", "host", "late"), order.players());
    assertEquals(List.of("spectator"), order.spectators());
    assertEquals("a", order.holder());
  }

  @Test
  @DisplayName(
      "[TU1] people above maxPlayers are spectators, in joining order; hosts get seats first")
  void peopleAboveTheLimitAreSpectators() {
    var five = new ArrayList<Participant>();
    for (var i = 1; i <= 5; i++) {
      five.add(person("p" + i, PLAYER, i));
    }
    var room = Rooms.room(Rooms.turns(2), five, List.of());
    assertEquals(List.of("p1", "p2"), TurnOrder.of(room, Set.of()).players());
    assertEquals(List.of("p3", "p4", "p5"), TurnOrder.of(room, Set.of()).spectators());
    assertFalse(TurnOrder.of(room, Set.of("p1", "p2")).mayPlay("p3"));
    five.add(person("host", HOST, 6));
    assertEquals(
        List.of("p1", "host"),
        TurnOrder.of(Rooms.room(Rooms.turns(2), five, List.of()), Set.of()).players());
  }

  @Test
  @DisplayName(
      "[TU2] the first participant begins, each play advances by one, the first follows the last")
  void turnsRotate() {
    assertEquals("anna", order(List.of()).holder());
    assertEquals("ben", order(List.of(play("c0", "anna", 0))).holder());
    var three = List.of(play("c0", "anna", 0), play("c1", "ben", 1), play("c2", "cleo", 2));
    assertEquals("anna", order(three).holder());
    assertEquals(3, order(three).turn());
    assertEquals(Optional.of(3), order(three).claim());
    assertTrue(order(three).mayPlay("anna"));
    assertFalse(order(three).mayPlay("ben"));
  }

  @Test
  @DisplayName(
      "[TU2] of two concurrent plays of one turn, the holder's play is accepted; no holder is skipped")
  void holdersPlayIsAccepted() {
    for (var cards :
        List.of(
            List.of(play("x", "anna", 0), play("y", "cleo", 0)),
            List.of(play("y", "anna", 0), play("x", "cleo", 0)))) {
      var order = order(cards);
      assertEquals(1, order.turn());
      assertEquals("ben", order.holder());
      assertEquals(Set.of(cards.get(1).id()), order.outOfTurn());
    }
  }

  @Test
  @DisplayName("[TU2] if an author plays one turn twice, the earlier play is accepted")
  void earlierPlayOfTheSameAuthorIsAccepted() {
    var earlier = new Card("z", CardType.CUSTOM, "x", null, "anna", 5, "a0", 0, false, null);
    var later = new Card("a", CardType.CUSTOM, "x", null, "anna", 6, "a0", 0, false, null);
    assertEquals(Set.of("a"), order(List.of(later, earlier)).outOfTurn());
  }

  @Test
  @DisplayName(
      "[TU2] claims by spectators, by unknown identities and of later turns are out of turn")
  void invalidClaims() {
    var people = new ArrayList<>(THREE);
    people.add(person("spectator", SPECTATOR, 0));
    var cards = List.of(play("w", "spectator", 0), play("s", "unknown", 0), play("f", "ben", 7));
    var order = TurnOrder.of(Rooms.room(Rooms.turns(10), people, cards), Set.of());
    assertEquals(0, order.turn());
    assertEquals("anna", order.holder());
    assertEquals(Set.of("w", "s", "f"), order.outOfTurn());
  }

  @Test
  @DisplayName(
      "[TU3] an the turn of an absent participant passes to the next, whose play is accepted")
  void absentParticipantsAreSkipped() {
    var firstPlay = List.of(play("c0", "anna", 0));
    assertEquals("cleo", order(firstPlay, "ben").holder());
    assertEquals("anna", order(firstPlay, "ben", "cleo").holder());
    assertNull(order(firstPlay, "anna", "ben", "cleo").holder());
    var cardsAfterSkip = List.of(play("c0", "anna", 0), play("c1", "cleo", 1));
    assertEquals(2, order(cardsAfterSkip).turn());
    assertEquals("anna", order(cardsAfterSkip).holder());
    assertEquals(Set.of(), order(cardsAfterSkip).outOfTurn());
  }

  @Test
  @DisplayName("lowering maxPlayers does not undo turns that were played")
  void fewerSeatsDoNotUndoTurns() {
    var cards = List.of(play("c0", "anna", 0), play("c1", "ben", 1), play("c2", "cleo", 2));
    var order = TurnOrder.of(Rooms.room(Rooms.turns(2), THREE, cards), Set.of());
    assertEquals(3, order.turn());
    assertEquals(Set.of(), order.outOfTurn());
    assertEquals("anna", order.holder());
  }

  @Test
  @DisplayName("[TU4] removed and muted cards keep their turn")
  void removedCardsKeepTheirTurn() {
    var card = Rooms.removed(Rooms.muted(play("c0", "anna", 0)), "ben");
    assertEquals("ben", order(List.of(card)).holder());
  }

  @Test
  @DisplayName("[TU5] free mode has seats but no turns")
  void freeMode() {
    var room =
        Rooms.room(Rooms.rule(Settings.StackRule.LATEST), THREE, List.of(play("c0", "cleo", 4)));
    var order = TurnOrder.of(room, Set.of());
    assertNull(order.holder());
    assertEquals(Optional.empty(), order.claim());
    assertEquals(Set.of(), order.outOfTurn());
    assertTrue(order.mayPlay("cleo"));
    assertFalse(order.mayPlay("unknown"));
  }
}
