package dev.parlor.room.schema;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import net.jqwik.api.Arbitrary;

/** Makes rooms, cards and concurrent changes for the tests of the schema. */
final class Rooms {
  static final long NOW = 1_750_000_000_000L;

  private Rooms() {}

  static ActorId actor(int number) {
    var bytes = new byte[16];
    bytes[0] = (byte) number;
    return new ActorId(Bytes.wrap(bytes));
  }

  static IdSource ids(String prefix) {
    var count = new AtomicInteger();
    return () -> prefix + count.incrementAndGet();
  }

  /** The genesis change of a standard room. */
  static Bytes genesis() {
    try (var replica = Replica.create(actor(1))) {
      return replica
          .transact(RoomSchema.genesis(GenesisOptions.standard("Launch page"), ids("g"), NOW))
          .orElseThrow();
    }
  }

  static RoomView view(Replica replica) {
    return RoomView.read(replica.root());
  }

  static Card card(String id, CardType type, String text, String order) {
    return new Card(id, type, text, null, "anna", NOW, order, null, false, null);
  }

  static Card muted(Card card) {
    return new Card(
        card.id(),
        card.type(),
        card.text(),
        card.image(),
        card.by(),
        card.at(),
        card.order(),
        card.turn(),
        true,
        card.removedBy());
  }

  static Card removed(Card card, String by) {
    return new Card(
        card.id(),
        card.type(),
        card.text(),
        card.image(),
        card.by(),
        card.at(),
        card.order(),
        card.turn(),
        card.muted(),
        by);
  }

  static Card play(String id, String by, int turn) {
    return new Card(id, CardType.CUSTOM, "x", null, by, NOW + turn, "a" + turn, turn, false, null);
  }

  static Participant person(String identity, Participant.Role role, long joinedAt) {
    return new Participant(identity, identity, null, null, role, joinedAt);
  }

  static RoomView room(Settings settings, List<Participant> people, List<Card> cards) {
    return new RoomView(
        1,
        "Room",
        settings,
        people,
        cards,
        List.of(),
        List.of(),
        List.of(),
        new Generation(0, null, null, null),
        List.of(),
        List.of());
  }

  static Settings turns(int maxPlayers) {
    return new Settings(
        Settings.TurnMode.TURNS,
        maxPlayers,
        Settings.Status.ACTIVE,
        Settings.StackRule.LATEST,
        null,
        "",
        false);
  }

  static Settings rule(Settings.StackRule rule) {
    return new Settings(Settings.TurnMode.FREE, 10, Settings.Status.ACTIVE, rule, null, "", false);
  }

  /** All permutations of a list of up to four items. */
  static <T> List<List<T>> permutations(List<T> items) {
    if (items.isEmpty()) {
      return List.of(List.of());
    }
    var all = new ArrayList<List<T>>();
    for (var i = 0; i < items.size(); i++) {
      var others = new ArrayList<>(items);
      var first = others.remove(i);
      for (var permutation : permutations(others)) {
        var extended = new ArrayList<T>();
        extended.add(first);
        extended.addAll(permutation);
        all.add(extended);
      }
    }
    return all;
  }

  /** The changes of concurrent writers that all start from the base, one list of edits for each. */
  static List<Bytes> concurrentChanges(List<Bytes> base, List<List<Edit>> writers) {
    var changes = new ArrayList<Bytes>();
    for (var i = 0; i < writers.size(); i++) {
      try (var replica = Replica.load(Optional.empty(), base, actor(10 + i))) {
        replica.transact(writers.get(i)).ifPresent(changes::add);
      }
    }
    return changes;
  }

  /** A replica that has applied the base, then each change in this order. */
  static Replica merged(List<Bytes> base, List<Bytes> changes) {
    var replica = Replica.load(Optional.empty(), base, actor(99));
    changes.forEach(change -> replica.apply(List.of(change)));
    return replica;
  }

  static RandomGenerator random(long seed) {
    return new java.util.Random(seed);
  }

  static Arbitrary<CardType> cardTypes() {
    return net.jqwik.api.Arbitraries.of(CardType.class);
  }
}
