package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RoomViewProperties {

  private static final List<Value> REPLACEMENTS =
      List.of(
          Value.NULL,
          Value.of(true),
          Value.of(-1),
          Value.of(Long.MAX_VALUE),
          Value.of(Double.NaN),
          Value.of(Double.NEGATIVE_INFINITY),
          Value.of(1e300),
          Value.of(2.5),
          Value.of(""),
          Value.of("NaN,Infinity"),
          Value.of("1e9x1e9"),
          Value.text("x".repeat(5_000)),
          Value.text("\ud83e"),
          new Value.Timestamp(Long.MIN_VALUE),
          new Value.Counter(3),
          new Value.Uint(7),
          new Value.Blob(Bytes.ofHex("00")),
          Value.map(),
          Value.map("lock", Value.map()),
          Value.list(List.of()),
          Value.list(List.of(Value.of(1), Value.map(), Value.of("c"))));

  private static final Value ROOM = room();

  private static Value room() {
    try (var replica = Rooms.merged(List.of(), List.of(Rooms.genesis()))) {
      var view = Rooms.view(replica);
      replica.transact(RoomEdits.join(view, Rooms.person("anna", Participant.Role.HOST, 1)));
      replica.transact(
          RoomEdits.chat(new ChatEntry("m", "anna", 1, ChatEntry.Kind.SAY, "hi", null)));
      replica.transact(RoomEdits.lock(new Lock("r", "anna", 1, "q", List.of("g1"), 0)));
      replica.transact(RoomEdits.grant(new Grant("r", 1, 1, 2)));
      replica.transact(RoomEdits.stop(new Stop("r", "anna", 1)));
      replica.transact(RoomEdits.result(RoomEditsTest.running("r")));
      return replica.root();
    }
  }

  /** Rooms in which some values are missing or of another kind. */
  @Provide
  Arbitrary<Value> damaged() {
    return Arbitraries.randoms().map(random -> damage(ROOM, random));
  }

  private static Value damage(Value value, Random random) {
    if (random.nextInt(12) == 0) {
      return REPLACEMENTS.get(random.nextInt(REPLACEMENTS.size()));
    }
    return switch (value) {
      case Value.MapOf(var entries) -> {
        var copy = new TreeMap<String, Value>();
        for (Map.Entry<String, Value> entry : entries.entrySet()) {
          if (random.nextInt(15) > 0) {
            copy.put(entry.getKey(), damage(entry.getValue(), random));
          }
        }
        if (random.nextInt(15) == 0) {
          copy.put("additional", REPLACEMENTS.get(random.nextInt(REPLACEMENTS.size())));
        }
        yield new Value.MapOf(copy);
      }
      case Value.ListOf(var items) ->
          Value.list(items.stream().map(item -> damage(item, random)).toList());
      default -> value;
    };
  }

  @Property
  @Label("every document gives a view, and prompt, turns, lock decision and transcript accept it")
  void everyDocumentGivesAView(@ForAll("damaged") Value root) {
    var room = RoomView.read(root);
    assertTrue(room.problems().size() <= RoomLimits.PROBLEMS_MAX);
    assertTrue(room.settings().maxPlayers() >= 1);
    assertTrue(room.cards().stream().allMatch(c -> c.text().length() <= 4_000));
    assertFalse(PromptFold.fold(room.cards(), "q", room.settings()).messages().isEmpty());
    TurnOrder.of(room, Set.of("anna"));
    var lock = room.generation().lock();
    if (lock != null) {
      var _ = LockRules.refusalReason(lock, room, _ -> false);
    }
    assertTrue(RoomMarkdown.of(room).startsWith("# "));
  }

  @Property(tries = 100)
  @Label("a view and its problems depend only on the document")
  void viewDependsOnTheDocumentOnly(@ForAll("damaged") Value root) {
    assertEquals(RoomView.read(root), RoomView.read(root));
  }

  @Property(tries = 50)
  @Label("a played card is read back equal and without problems")
  void writtenCardIsReadBack(@ForAll("cards") Card card) {
    try (var replica = Replica.create(Rooms.actor(1))) {
      replica.apply(List.of(Rooms.genesis()));
      replica.transact(RoomEdits.play(card));
      var room = Rooms.view(replica);
      assertEquals(List.of(), room.problems());
      assertEquals(card, room.card(card.id()).orElseThrow());
    }
  }

  @Provide
  Arbitrary<Card> cards() {
    return net.jqwik.api.Combinators.combine(
            Rooms.cardTypes(),
            Arbitraries.strings().ascii().ofMaxLength(40),
            Arbitraries.longs().between(0, 1L << 50),
            Arbitraries.integers().between(0, 1_000).injectNull(0.3),
            Arbitraries.of(true, false),
            Arbitraries.of("ben", "cleo").injectNull(0.5))
        .as(
            (type, text, at, turn, muted, removedBy) ->
                new Card("c", type, text, null, "anna", at, "a0", turn, muted, removedBy));
  }
}
