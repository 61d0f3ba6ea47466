package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class PromptFoldProperties {

  @Provide
  Arbitrary<Card> cards() {
    return Combinators.combine(
            Arbitraries.strings().withCharRange('a', 'f').ofLength(2),
            Rooms.cardTypes(),
            Arbitraries.of("50", "7 tokens", "tone", "role", "Calm.", "be loud", "", "-5"),
            Arbitraries.of("a0", "a1", "a1V", "b00", "invalid"),
            Arbitraries.of(false, false, true),
            Arbitraries.of(false, false, true))
        .as(
            (id, type, text, order, muted, removed) -> {
              var card = Rooms.card(id, type, text, order);
              card = muted ? Rooms.muted(card) : card;
              return removed ? Rooms.removed(card, "ben") : card;
            });
  }

  @Property
  @Label("[PF1] the prompt does not depend on the order in which cards arrive")
  void promptDoesNotDependOnTheOrderOfArrival(
      @ForAll @Size(max = 12) List<@net.jqwik.api.From("cards") Card> cards,
      @ForAll Settings.StackRule rule,
      @ForAll long seed) {
    var distinct = new ArrayList<Card>();
    for (var card : cards) {
      if (distinct.stream().noneMatch(other -> other.id().equals(card.id()))) {
        distinct.add(card);
      }
    }
    var settings = Rooms.rule(rule);
    var fold = PromptFold.fold(distinct, "q", settings);
    var shuffled = new ArrayList<>(distinct);
    Collections.shuffle(shuffled, new Random(seed));
    assertEquals(fold, PromptFold.fold(shuffled, "q", settings));
  }

  @Property
  @Label("[PF1, PF2, PF8] muted, removed and invalid cards do not change the text")
  void mutedAndInvalidCardsDoNotChangeTheText(
      @ForAll @Size(max = 12) List<@net.jqwik.api.From("cards") Card> cards,
      @ForAll Settings.StackRule rule) {
    var settings = Rooms.rule(rule);
    var activeCards =
        cards.stream()
            .filter(Card::isActive)
            .filter(card -> CardRules.problem(card.type(), card.text()).isEmpty())
            .toList();
    var fold = PromptFold.fold(cards, "q", settings);
    assertEquals(fold.text(), PromptFold.fold(activeCards, "q", settings).text());
    assertTrue(
        activeCards.stream().map(Card::id).toList().containsAll(fold.cardsUsed()), fold::toString);
  }

  @Property(tries = 60)
  @Label("every merge order of the same changes gives the same prompt")
  void anyMergeOrderGivesTheSamePrompt(
      @ForAll @Size(min = 2, max = 8) List<@net.jqwik.api.From("cards") Card> cards,
      @ForAll Settings.StackRule rule,
      @ForAll long seed) {
    var genesis = Rooms.genesis();
    var base = new ArrayList<Bytes>(List.of(genesis));
    base.addAll(
        Rooms.concurrentChanges(List.of(genesis), List.of(RoomEdits.play(cards.getFirst()))));
    var writers = new ArrayList<List<Edit>>();
    for (var card : cards) {
      writers.add(RoomEdits.play(card));
    }
    var first = cards.getFirst().id();
    writers.add(RoomEdits.mute(first, true));
    writers.add(RoomEdits.reorder(first, "a0V"));
    writers.add(RoomEdits.remove(first, "ben"));
    var changes = Rooms.concurrentChanges(base, writers);
    var shuffled = new ArrayList<>(changes);
    Collections.shuffle(shuffled, new Random(seed));
    try (var left = Rooms.merged(base, changes);
        var right = Rooms.merged(base, shuffled)) {
      var settings = Rooms.rule(rule);
      assertEquals(left.heads(), right.heads());
      assertEquals(
          PromptFold.fold(Rooms.view(left).cards(), "q", settings),
          PromptFold.fold(Rooms.view(right).cards(), "q", settings));
    }
  }
}
