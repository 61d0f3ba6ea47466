package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Properties of the schema under concurrent edits, on real Automerge replicas. */
class RoomMergeProperties {

  private static final Bytes GENESIS = Rooms.genesis();

  private static final List<String> WINDOWS = windows();

  private static List<String> windows() {
    try (var replica = Rooms.merged(List.of(), List.of(GENESIS))) {
      return Rooms.view(replica).windows().stream().map(RoomWindow::id).toList();
    }
  }

  /**
   * Merges the concurrent edits of several writers in every order. Checks each merged replica, and
   * that all replicas are equal.
   */
  private static void mergeInEveryOrder(Consumer<Replica> check, List<Edit> one, List<Edit> two) {
    mergeInEveryOrder(List.of(GENESIS), check, List.of(one, two));
  }

  private static void mergeInEveryOrder(
      Consumer<Replica> check, List<Edit> one, List<Edit> two, List<Edit> three) {
    mergeInEveryOrder(List.of(GENESIS), check, List.of(one, two, three));
  }

  private static void mergeInEveryOrder(
      List<Bytes> base, Consumer<Replica> check, List<List<Edit>> writers) {
    var changes = Rooms.concurrentChanges(base, writers);
    var roots = new HashSet<Value>();
    for (var order : Rooms.permutations(changes)) {
      try (var replica = Rooms.merged(base, order)) {
        roots.add(replica.root());
        check.accept(replica);
      }
    }
    assertEquals(1, roots.size(), "every replica shows the same document");
  }

  @Property(tries = 30)
  @Label("two concurrent moves of a window result in one of the two places, never a mix")
  void concurrentMovesNeverMix(
      @ForAll @IntRange(max = 2_000) int x, @ForAll @IntRange(max = 2_000) int y) {
    var id = WINDOWS.getFirst();
    var one = RoomWindow.pos(x, y);
    var two = RoomWindow.pos(x + 1, y + 1);
    mergeInEveryOrder(
        replica -> {
          var window = Rooms.view(replica).window(id).orElseThrow();
          assertTrue(Set.of(one, two).contains(RoomWindow.pos(window.x(), window.y())));
          assertEquals(
              Set.<Value>of(Value.of(one), Value.of(two)),
              Set.copyOf(replica.conflicts(Path.of("windows", id, "pos"))));
        },
        RoomEdits.move(id, x, y),
        RoomEdits.move(id, x + 1, y + 1));
  }

  @Example
  @Label("a concurrent move and resize of a window both take effect")
  void moveAndResizeBothStay() {
    var id = WINDOWS.getFirst();
    mergeInEveryOrder(
        replica -> {
          var window = Rooms.view(replica).window(id).orElseThrow();
          assertEquals("7,8", RoomWindow.pos(window.x(), window.y()));
          assertEquals("300x200", RoomWindow.size(window.width(), window.height()));
        },
        RoomEdits.move(id, 7, 8),
        RoomEdits.resize(id, 300, 200));
  }

  @Property(tries = 40)
  @Label("concurrent reordering never duplicates or drops a card")
  void reorderingKeepsEveryCard(
      @ForAll @Size(min = 3, max = 3) List<@IntRange(max = 35) Integer> moves, @ForAll long seed) {
    var random = Rooms.random(seed);
    var base = new ArrayList<Bytes>(List.of(GENESIS));
    try (var replica = Rooms.merged(List.of(), List.of(GENESIS))) {
      for (var i = 0; i < 4; i++) {
        var order =
            FractionalIndex.afterAll(
                Rooms.view(replica).cards().stream().map(Card::order).toList(), random);
        replica
            .transact(RoomEdits.play(Rooms.card("c" + i, CardType.CUSTOM, "x" + i, order)))
            .ifPresent(base::add);
      }
      var cards = Rooms.view(replica).cards();
      var ids = cards.stream().map(Card::id).sorted().toList();
      var writers = new ArrayList<List<Edit>>();
      for (var move : moves) {
        var card = cards.get(move % 6);
        var others = cards.stream().filter(other -> !other.equals(card)).toList();
        var to = move / 6 % 6;
        var lower = to == 0 ? null : others.get(to - 1).order();
        var upper = to == others.size() ? null : others.get(to).order();
        writers.add(RoomEdits.reorder(card.id(), FractionalIndex.between(lower, upper, random)));
      }
      mergeInEveryOrder(
          base,
          merged ->
              assertEquals(
                  ids, Rooms.view(merged).cards().stream().map(Card::id).sorted().toList()),
          writers);
    }
  }

  @Example
  @Label("if a card is removed and edited concurrently, restoring it shows the edit")
  void concurrentRemovalAndEditBothStay() {
    mergeInEveryOrder(
        replica -> {
          var card = Rooms.view(replica).card("g1").orElseThrow();
          assertEquals("ben", card.removedBy());
          assertTrue(card.text().startsWith("Please act as"), card.text());
          assertTrue(card.muted());
          replica.transact(RoomEdits.restore("g1"));
          assertEquals(card.text(), Rooms.view(replica).stack().getFirst().text());
          replica.transact(RoomEdits.remove("g1", "ben"));
        },
        RoomEdits.remove("g1", "ben"),
        List.of(new Edit.SpliceText(Path.of("cards", "g1", "text"), 0, 1, "Please a")),
        RoomEdits.mute("g1", true));
  }

  @Example
  @Label("if a window is closed while its note is edited, the note keeps every word")
  void closingKeepsTheNote() {
    try (var replica = Rooms.merged(List.of(), List.of(GENESIS))) {
      var room = Rooms.view(replica);
      var note = room.notes().getFirst().id();
      var window =
          room.windows().stream().filter(each -> note.equals(each.ref())).findFirst().orElseThrow();
      mergeInEveryOrder(
          merged -> {
            assertEquals("Say room.", Rooms.view(merged).note(note).orElseThrow().text());
            assertEquals(
                RoomWindow.State.CLOSED,
                Rooms.view(merged).window(window.id()).orElseThrow().state());
          },
          RoomEdits.state(window.id(), RoomWindow.State.CLOSED),
          List.of(new Edit.SpliceText(Path.of("notes", note, "text"), 0, 0, "Say room.")));
    }
  }

  @Property(tries = 30)
  @Label("concurrent insertions into one text are all kept, each in one piece")
  void concurrentTypingKeepsEverything(
      @ForAll @Size(min = 3, max = 3) List<@IntRange(max = 11) Integer> places) {
    var path = Path.of("title");
    var words = List.of("<one>", "<\ud83e\udda6\ud83e\udda6>", "<three>");
    var writers = new ArrayList<List<Edit>>();
    for (var i = 0; i < 3; i++) {
      writers.add(List.of(new Edit.SpliceText(path, places.get(i), 0, words.get(i))));
    }
    mergeInEveryOrder(
        List.of(GENESIS),
        replica -> {
          var title = Rooms.view(replica).title();
          var remaining = title;
          for (var word : words) {
            assertTrue(title.contains(word), title);
            remaining = remaining.replace(word, "");
          }
          assertEquals("Launch page", remaining);
        },
        writers);
  }

  @Example
  @Label("of concurrent locks, every replica shows the same winner and all values")
  void concurrentLocksAgree() {
    var lockLists = new HashSet<List<Lock>>();
    var writers = new ArrayList<List<Edit>>();
    for (var i = 0; i < 4; i++) {
      writers.add(RoomEdits.lock(new Lock("r" + i, "p" + i, Rooms.NOW + i, "q", List.of("g1"), 0)));
    }
    mergeInEveryOrder(
        List.of(GENESIS),
        replica -> {
          var locks = RoomView.readLocks(replica.conflicts(Path.of("generation", "lock")));
          assertEquals(locks.getFirst(), Rooms.view(replica).generation().lock());
          assertEquals(4, Set.copyOf(locks).size());
          lockLists.add(locks);
        },
        writers);
    assertEquals(1, lockLists.size(), "winner and order are the same on every replica");
  }

  @Example
  @Label("releasing the lock does not delete a request that the server has not received")
  void concurrentLockSurvivesTheRelease() {
    var base = new ArrayList<Bytes>(List.of(GENESIS));
    var first = new Lock("first", "anna", Rooms.NOW, "q", List.of("g1"), 0);
    base.addAll(Rooms.concurrentChanges(base, List.of(RoomEdits.lock(first))));
    var late = new Lock("late", "ben", Rooms.NOW, "q", List.of("g1"), 0);
    var lateChange =
        Rooms.concurrentChanges(List.of(GENESIS), List.of(List.of(), RoomEdits.lock(late)));
    var release = Rooms.concurrentChanges(base, List.of(List.of(), List.of(), RoomEdits.release()));
    for (var order : Rooms.permutations(List.of(lateChange.getFirst(), release.getFirst()))) {
      try (var replica = Rooms.merged(base, order)) {
        assertEquals(
            List.of(late), RoomView.readLocks(replica.conflicts(Path.of("generation", "lock"))));
      }
    }
  }

  @Example
  @Label("people who join concurrently have one seat each, in the same order on every replica")
  void concurrentJoinsHaveOneSeatEach() {
    try (var replica = Rooms.merged(List.of(), List.of(GENESIS))) {
      var room = Rooms.view(replica);
      mergeInEveryOrder(
          merged ->
              assertEquals(
                  List.of("cleo", "anna", "ben"),
                  TurnOrder.of(Rooms.view(merged), Set.of()).players()),
          RoomEdits.join(room, Rooms.person("ben", Participant.Role.PLAYER, 5)),
          RoomEdits.join(room, Rooms.person("anna", Participant.Role.PLAYER, 5)),
          RoomEdits.join(room, Rooms.person("cleo", Participant.Role.HOST, 4)));
    }
  }

  @Example
  @Label("of two concurrent plays of one turn, every replica accepts the same play")
  void replicasAcceptTheSamePlay() {
    var base = new ArrayList<Bytes>(List.of(GENESIS));
    try (var replica = Rooms.merged(List.of(), List.of(GENESIS))) {
      for (var person :
          List.of(
              Rooms.person("anna", Participant.Role.HOST, 1),
              Rooms.person("ben", Participant.Role.PLAYER, 2))) {
        replica.transact(RoomEdits.join(Rooms.view(replica), person)).ifPresent(base::add);
      }
      replica
          .transact(List.of(new Edit.Put(Path.of("settings", "turnMode"), Value.of("turns"))))
          .ifPresent(base::add);
    }
    mergeInEveryOrder(
        base,
        merged -> {
          var order = TurnOrder.of(Rooms.view(merged), Set.of());
          assertEquals(1, order.turn());
          assertEquals("ben", order.holder());
          assertEquals(Set.of("ben-play"), order.outOfTurn());
        },
        List.of(
            RoomEdits.play(Rooms.play("ben-play", "ben", 0)),
            RoomEdits.play(Rooms.play("anna-play", "anna", 0))));
  }

  @Example
  @Label("no edit makes a container of genesis, so two peers cannot make the same container")
  void noEditMakesAContainer() {
    var containers = new HashSet<Path>();
    for (var edit : RoomSchema.genesis(GenesisOptions.standard("x"), Rooms.ids("x"), Rooms.NOW)) {
      containers.add(edit.path());
    }
    assertTrue(containers.contains(Path.of("cards")));
    try (var replica = Rooms.merged(List.of(), List.of(GENESIS))) {
      var room = Rooms.view(replica);
      var edits = new ArrayList<Edit>();
      edits.addAll(RoomEdits.join(room, Rooms.person("p", Participant.Role.HOST, 1)));
      edits.addAll(RoomEdits.play(Rooms.card("c", CardType.ROLE, "x", "a0")));
      edits.addAll(RoomEdits.note(new Note("n", "")));
      edits.addAll(RoomEdits.lock(new Lock("r", "p", 1, "q", List.of(), 0)));
      edits.addAll(RoomEdits.grant(new Grant("r", 1, 1, 1)));
      edits.addAll(RoomEdits.result(RoomEditsTest.running("r")));
      edits.addAll(RoomEdits.release());
      for (var edit : edits) {
        assertTrue(
            edit.path().steps().size() > 1 || !containers.contains(edit.path()), edit::toString);
      }
      assertEquals(Optional.empty(), replica.read(Path.of("cards", "c")));
    }
  }
}
