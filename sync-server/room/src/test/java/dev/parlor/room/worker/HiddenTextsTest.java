package dev.parlor.room.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.Uuid7;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that several people create or edit concurrently, on real replicas with a room worker. */
class HiddenTextsTest {

  /** A room on the calling thread, and a replica for each person. */
  private static final class World implements AutoCloseable {
    private final ManualRoomTimer timer = new ManualRoomTimer();
    private final Random random = new Random(3);
    private final FakeRelay relay = new FakeRelay();
    private final RecordTable actors = new MemoryChangeStore(new StorageId("t")).table("actors");
    private final List<Person> people = new ArrayList<>();
    private RoomWorker worker = open();

    World() {
      var edits =
          RoomSchema.genesis(
              GenesisOptions.standard("Test"),
              Uuid7.source(InstantSource.system(), new Random(1)),
              1);
      var _ = worker.edit(_ -> new EditPlan<>(edits, true));
      settle();
    }

    private RoomWorker open() {
      return new RoomWorker(
          relay,
          new RoomServices(
              Runnable::run,
              timer,
              random,
              NativeCallGuard.unguarded(),
              actors,
              Memberships.none(),
              new RoomMetrics(new Metrics()),
              ServiceLimits.defaults().events(),
              5_000,
              20,
              100,
              _ -> new NoWatcher(),
              (_, cause) -> assertEquals(null, cause),
              _ -> {},
              _ -> RoomAttendance.NONE));
    }

    void settle() {
      timer.advance(2_000);
    }

    void restart() {
      worker.close().join();
      worker = open();
      settle();
    }

    Person person(String name) {
      var person = new Person(this, name);
      people.add(person);
      return person;
    }

    /** The text in a new replica of the room. */
    String text(Path path) {
      try (var replica = load("new")) {
        return string(replica, path);
      }
    }

    Replica load(String name) {
      var id = new ActorId(Bytes.utf8((name + "0123456789abcdef").substring(0, 16)));
      return Replica.load(Optional.empty(), relay.changes, id);
    }

    @Override
    public void close() {
      people.forEach(person -> person.replica.close());
      worker.close().join();
    }
  }

  private static final class NoWatcher implements RoomWatcher {
    @Override
    public void opened(RoomScope scope) {}

    @Override
    public void settled(RoomScope scope) {}

    @Override
    public boolean isBusy() {
      return false;
    }

    @Override
    public void closed() {}
  }

  /** A person with a replica of the room. Edits are sent by {@link #sendChanges} only. */
  private static final class Person {
    private final World world;
    private final String name;
    private final Replica replica;
    private final List<Bytes> unsent = new ArrayList<>();
    private int received;

    Person(World world, String name) {
      this.world = world;
      this.name = name;
      this.replica = world.load(name);
      this.received = world.relay.changes.size();
    }

    Person edit(Edit... edits) {
      replica.transact(List.of(edits)).ifPresent(unsent::add);
      return this;
    }

    /** Appends text as an editor does: a scalar first becomes a collaborative text. */
    Person write(Path path, String words) {
      if (path.steps().getFirst().equals("notes") && replica.read(parent(path)).isEmpty()) {
        return edit(new Edit.Put(parent(path), EMPTY_NOTE)).write(path, words);
      }
      if (!(replica.read(path).orElse(null) instanceof Value.Text)) {
        edit(new Edit.Put(path, Value.text(string(replica, path))));
      }
      var text = string(replica, path);
      return edit(new Edit.SpliceText(path, text.codePointCount(0, text.length()), 0, words));
    }

    /** Sends the unsent changes. The room settles after all of them. */
    Person sendChanges() {
      world.relay.deliver(name, unsent.toArray(Bytes[]::new));
      unsent.clear();
      world.settle();
      return this;
    }

    /** Sends the unsent changes. The room settles after each of them. */
    Person sendChangesOneByOne() {
      for (Bytes change : unsent) {
        world.relay.deliver(name, change);
        world.settle();
      }
      unsent.clear();
      return this;
    }

    /** Applies the changes of other people and of the server. */
    Person receiveChanges() {
      replica.apply(world.relay.changes.subList(received, world.relay.changes.size()));
      received = world.relay.changes.size();
      return this;
    }
  }

  /** A note as the page creates it. */
  private static final Value EMPTY_NOTE = Value.map("text", Value.text(""));

  private static Path parent(Path path) {
    return new Path(path.steps().subList(0, path.steps().size() - 1));
  }

  private static String string(Replica replica, Path path) {
    return switch (replica.read(path).orElse(null)) {
      case Value.Text(var text) -> text;
      case Value.Str(var text) -> text;
      case null, default -> "";
    };
  }

  private static final Path NOTE = Path.of("notes", "n1", "text");
  private static final Path CARD = Path.of("cards", "c1", "text");

  private static void assertOnce(String text, String... words) {
    for (String word : words) {
      int first = text.indexOf(word);
      assertTrue(first >= 0, word + " is in: " + text);
      assertEquals(first, text.lastIndexOf(word), word + " is there once: " + text);
    }
  }

  private static Edit card(Value text) {
    var card =
        (Edit.Put)
            RoomEdits.play(
                    new Card("c1", CardType.CUSTOM, "x", null, "ann", 1, "a1", null, false, null))
                .getFirst();
    var fields = new java.util.TreeMap<>(((Value.MapOf) card.value()).entries());
    fields.put("text", text);
    return new Edit.Put(card.path(), new Value.MapOf(fields));
  }

  @Test
  @DisplayName(
      "[RM10] two texts stay on separate lines if the words of the visible text arrive last")
  void textsStaySeparate() {
    try (World world = new World()) {
      world.person("ann").write(NOTE, "Ann began");
      world.person("bob").write(NOTE, "Bob began");
      world.people.forEach(Person::sendChangesOneByOne);
      assertTrue(
          List.of(world.text(NOTE).split("\n")).containsAll(List.of("Ann began", "Bob began")),
          world.text(NOTE));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  @DisplayName("[RM10] people who create one note concurrently find all of its texts, each once")
  void concurrentNotesKeepAllTexts(int count) {
    try (World world = new World()) {
      List<String> words = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        words.add("words of person " + i + ".");
        world.person("p" + i).write(NOTE, words.getLast());
      }
      for (Person person : world.people) {
        person.sendChanges();
      }
      assertOnce(world.text(NOTE), words.toArray(String[]::new));
      world.restart();
      world.restart();
      assertOnce(world.text(NOTE), words.toArray(String[]::new));
      assertEquals(count - 1, world.relay.broadcasts.size(), "one message for each merged text");
    }
  }

  @Test
  @DisplayName("[RM10] a concurrent note that stays empty changes nothing")
  void emptyConcurrentNoteChangesNothing() {
    try (World world = new World()) {
      Person ann = world.person("ann").write(NOTE, "words");
      world.person("bob").write(NOTE, "").sendChanges();
      ann.sendChanges();
      assertEquals("words", world.text(NOTE).strip());
      assertEquals(List.of(), world.relay.broadcasts);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("[RM10] letters typed later into a hidden text are added, also after a restart")
  void lettersTypedLaterAreMerged(boolean restart) {
    try (World world = new World()) {
      Person ann = world.person("ann").write(NOTE, "Ann began");
      Person bob = world.person("bob").write(NOTE, "Bob began");
      ann.sendChanges();
      bob.sendChanges();
      if (restart) {
        world.restart();
      }
      ann.write(NOTE, " and goes on").sendChanges();
      bob.write(NOTE, " and writes more").sendChanges();
      assertOnce(world.text(NOTE), "Ann began and goes on", "Bob began and writes more");
      ann.write(NOTE, ", still").sendChanges();
      bob.write(NOTE, ", always").sendChanges();
      assertOnce(
          world.text(NOTE), "Ann began and goes on, still", "Bob began and writes more, always");
      world.restart();
      assertOnce(
          world.text(NOTE), "Ann began and goes on, still", "Bob began and writes more, always");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cards/c1/text", "settings/systemPrompt", "title"})
  @DisplayName("[RM10] two people's concurrent edits of a scalar are both kept, the old words once")
  void concurrentEditsOfAScalarAreMerged(String place) {
    Path path = Path.of((Object[]) place.split("/"));
    try (World world = new World()) {
      Person program = world.person("program").edit(card(Value.of("some old words")));
      if (!path.equals(CARD)) {
        program.edit(new Edit.Put(path, Value.of("some old words")));
      }
      program.sendChanges();
      Person ann = world.person("ann").write(path, " by Ann");
      Person bob = world.person("bob").write(path, " with Bob");
      ann.sendChanges();
      bob.sendChanges();
      assertOnce(world.text(path), "some old words", "by Ann", "with Bob");
      ann.receiveChanges().write(path, " again Ann").sendChanges();
      bob.receiveChanges().write(path, " again Bob").sendChanges();
      assertOnce(
          world.text(path), "some old words", "by Ann", "with Bob", "again Ann", "again Bob");
    }
  }

  @Test
  @DisplayName("[RM10] opening editors on a scalar concurrently does not double its words")
  void openingEditorsDoesNotDoubleAScalar() {
    try (World world = new World()) {
      world.person("program").edit(card(Value.of("some old words"))).sendChanges();
      Person ann = world.person("ann").write(CARD, "");
      Person bob = world.person("bob").write(CARD, "");
      ann.sendChanges();
      bob.sendChanges();
      assertEquals("some old words", world.text(CARD));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("[RM10] a program's scalar and a person's concurrent text at one path are both kept")
  void scalarAndConcurrentTextAreMerged(boolean scalarLast) {
    try (World world = new World()) {
      world.person("starter").edit(new Edit.Put(parent(NOTE), EMPTY_NOTE)).sendChanges();
      Person program = world.person(scalarLast ? "z-program" : "a-program");
      if (scalarLast) {
        program.edit(new Edit.Put(Path.of("title"), Value.text("Test")));
      }
      program.edit(new Edit.Put(NOTE, Value.of("set by a program")));
      Person ann = world.person("m-ann").edit(new Edit.Put(NOTE, Value.text("typed by Ann")));
      ann.sendChanges();
      program.sendChanges();
      assertOnce(world.text(NOTE), "set by a program", "typed by Ann");
      ann.write(NOTE, " and more").sendChanges();
      assertOnce(world.text(NOTE), "set by a program", "typed by Ann and more");
      world.restart();
      ann.write(NOTE, " and yet more").sendChanges();
      assertOnce(world.text(NOTE), "set by a program", "typed by Ann and more and yet more");
    }
  }

  @Test
  @DisplayName("[RM10] two scalars that programs set concurrently are both kept")
  void concurrentScalarsAreMerged() {
    try (World world = new World()) {
      world.person("starter").edit(card(Value.of("old"))).sendChanges();
      Person one = world.person("one").edit(new Edit.Put(CARD, Value.of("first words")));
      Person two = world.person("two").edit(new Edit.Put(CARD, Value.of("second words")));
      one.sendChanges();
      two.sendChanges();
      assertOnce(world.text(CARD), "first words", "second words");
    }
  }

  @Test
  @DisplayName("[RM10] letters typed into a text that a program overwrites concurrently are added")
  void lettersOfAnOverwrittenTextAreMerged() {
    try (World world = new World()) {
      world.person("starter").write(NOTE, "a first draft").sendChanges();
      Person ann = world.person("ann").write(NOTE, " with words of Ann");
      Person bob = world.person("bob").write(NOTE, " received before");
      Person program =
          world.person("program").edit(new Edit.Put(NOTE, Value.text("a second version")));
      bob.sendChanges();
      program.sendChanges();
      ann.sendChanges();
      assertOnce(world.text(NOTE), "a second version", "with words of Ann", "received before");
      ann.write(NOTE, ", later").sendChanges();
      assertOnce(world.text(NOTE), "with words of Ann, later");
      world.restart();
      ann.write(NOTE, ", after a restart").sendChanges();
      assertOnce(world.text(NOTE), "with words of Ann, later, after a restart");
    }
  }

  @Test
  @DisplayName("[RM10] a text stays replaced if its author had seen all of the old text")
  void knownTextStaysReplaced() {
    try (World world = new World()) {
      world.person("starter").write(NOTE, "a first draft").sendChanges();
      world
          .person("program")
          .edit(new Edit.Put(NOTE, Value.text("a second version")))
          .sendChanges();
      assertEquals("a second version", world.text(NOTE));
    }
  }

  @Test
  @DisplayName("[RM10] a card id that two programs create concurrently keeps both texts")
  void concurrentCardsWithOneIdAreMerged() {
    try (World world = new World()) {
      Person one = world.person("one").edit(card(Value.text("brief from one")));
      Person two = world.person("two").edit(card(Value.of("brief from two")));
      one.sendChanges();
      two.sendChanges();
      assertOnce(world.text(CARD), "brief from one", "brief from two");
    }
  }

  @Test
  @DisplayName("[RM10] texts that are hidden while the server is stopped are merged when it starts")
  void textsHiddenWhileTheServerIsStoppedAreMerged() {
    try (World world = new World()) {
      Person ann = world.person("ann").write(NOTE, "Ann began");
      Person bob = world.person("bob").write(NOTE, "Bob began");
      world.worker.close().join();
      ann.sendChanges();
      bob.sendChanges();
      world.worker = world.open();
      world.settle();
      assertOnce(world.text(NOTE), "Ann began", "Bob began");
    }
  }

  @Property(tries = 60)
  @Label("[RM10] any order of edits, reconnects and restarts loses or doubles no word")
  void anyOrder(@ForAll long seed, @ForAll @IntRange(min = 2, max = 4) int count) {
    Random random = new Random(seed);
    try (World world = new World()) {
      Path path = random.nextBoolean() ? NOTE : CARD;
      if (path.equals(CARD)) {
        world.person("program").edit(card(Value.of("old"))).sendChanges();
      }
      List<Person> people = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        people.add(world.person("person" + i));
      }
      List<String> words = new ArrayList<>();
      for (int step = 0; step < 16; step++) {
        Person person = people.get(random.nextInt(count));
        switch (random.nextInt(8)) {
          case 0 -> person.sendChanges();
          case 3 -> person.sendChangesOneByOne();
          case 1 -> person.sendChanges().receiveChanges();
          case 2 -> world.restart();
          default -> {
            String word = "w" + (char) ('a' + step) + person.name;
            words.add(word);
            person.write(path, " " + word);
          }
        }
      }
      people.forEach(Person::sendChanges);
      world.settle();
      assertOnce(world.text(path), words.toArray(String[]::new));
      var texts = new HashSet<String>();
      people.forEach(person -> texts.add(string(person.receiveChanges().replica, path)));
      assertEquals(1, texts.size(), "all replicas have the same text");
    }
  }
}
