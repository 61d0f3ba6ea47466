package dev.parlor.room.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** A mirror that applies the changes of a feed equals the document, whatever two writers do. */
class RoomFeedProperties {
  private static final List<String> KEYS = List.of("a", "b");

  @Property(tries = 150)
  @Label("a mirror that applies each change of the feed equals the document, with two writers")
  void mirrorEqualsDocument(@ForAll long seed) {
    var random = new Random(seed);
    try (var here = Replica.create(actor("here-actor-00001"));
        var there = Replica.create(actor("there-actor-0002"))) {
      there.apply(List.of(here.transact(genesis()).orElseThrow()));
      var feed = new RoomFeed(here, here.root());
      var mirror = new Mirror(here.root());
      List<Bytes> offline = new ArrayList<>();
      for (var step = 0; step < 40; step++) {
        if (random.nextInt(3) == 0) {
          edit(here, random).ifPresent(change -> applied(change, feed, there));
        } else {
          edit(there, random).ifPresent(offline::add);
        }
        if (random.nextInt(4) == 0) {
          here.apply(offline);
          offline.forEach(feed::applied);
          offline.clear();
        }
        if (random.nextInt(3) == 0) {
          mirror.apply(feed);
          assertEquals(mirror.normal(here.root()), mirror.normal(mirror.state), "step " + step);
        }
      }
      mirror.apply(feed);
      assertEquals(mirror.normal(here.root()), mirror.normal(mirror.state));
    }
  }

  private static void applied(Bytes change, RoomFeed feed, Replica there) {
    feed.applied(change);
    there.apply(List.of(change));
  }

  @Example
  @Label("a typed letter is a splice of one letter, and a new piece of an answer is one item")
  void smallChangesAreSmall() {
    try (var replica = Replica.create(actor("here-actor-00001"))) {
      replica.transact(genesis());
      var note = Path.of("notes", "a");
      replica.transact(List.of(new Edit.Put(note, Value.map("text", Value.text("ab😀")))));
      var feed = new RoomFeed(replica, replica.root());
      List<RoomChange> changes = new ArrayList<>();
      for (var letter : List.of("x", "y")) {
        var typed = new Edit.SpliceText(note.child("text"), 3, 0, letter);
        feed.applied(replica.transact(List.of(typed)).orElseThrow());
        changes.add(notNull(feed.next()));
      }
      assertEquals(
          Map.of("a", Map.of("text", new Value.Text("ab😀x"))),
          changes.get(0).update().get("notes"),
          "the first write of a text sends it whole");
      assertEquals(
          List.of(new RoomChange.Spliced("notes", "a", "text", 4, 0, "y")),
          changes.get(1).splice());
      assertTrue(changes.get(1).update().isEmpty());
    }
  }

  private static RoomChange notNull(@Nullable RoomChange change) {
    return Objects.requireNonNull(change);
  }

  // Random edits.

  private static List<Edit> genesis() {
    return List.of(
        new Edit.Put(Path.of("title"), Value.text("t")),
        new Edit.Put(Path.of("settings"), Value.map("mode", Value.of("free"))),
        new Edit.Put(Path.of("notes"), Value.map()),
        new Edit.Put(Path.of("windows"), Value.map()),
        new Edit.Put(Path.of("results"), Value.map()),
        new Edit.Put(Path.of("generation"), Value.map("queue", Value.list(List.of()))),
        new Edit.Put(Path.of("chat"), Value.list(List.of())));
  }

  private static Optional<Bytes> edit(Replica replica, Random random) {
    try {
      return replica.transact(List.of(anEdit(replica, random)));
    } catch (ReplicaException doesNotFit) {
      return Optional.empty();
    }
  }

  private static Edit anEdit(Replica replica, Random random) {
    var key = KEYS.get(random.nextInt(KEYS.size()));
    var number = Value.of(random.nextInt(5));
    return switch (random.nextInt(14)) {
      case 0 -> new Edit.Put(Path.of("title"), Value.of("new " + random.nextInt(9)));
      case 1 -> new Edit.SpliceText(Path.of("title"), 0, 0, "é😀");
      case 2 -> new Edit.Put(Path.of("settings", key), number);
      case 3 -> new Edit.Put(Path.of("notes", key), Value.map("text", Value.text("n" + number)));
      case 4 -> new Edit.SpliceText(Path.of("notes", key, "text"), random.nextInt(3), 1, "zé");
      case 5 -> new Edit.SpliceText(Path.of("notes", key, "text"), 0, 0, "😀w");
      case 6 ->
          new Edit.Put(
              Path.of("windows", key),
              Value.map("pos", number, "props", Value.map("wave", Value.map())));
      case 7 -> new Edit.Put(Path.of("windows", key, "pos"), number);
      case 8 -> new Edit.Put(Path.of("windows", key, "props", "wave", "n"), number);
      case 9 -> new Edit.Delete(Path.of("windows", key));
      case 10 ->
          new Edit.Put(Path.of("results", key), Value.map("chunks", Value.list(List.of(number))));
      case 11 -> new Edit.Append(Path.of("results", key, "chunks"), number);
      case 12 -> {
        var length = replica.length(Path.of("chat"));
        yield length > 0 && random.nextInt(3) == 0
            ? new Edit.Put(Path.of("chat", random.nextInt(length), "text"), Value.of("edited"))
            : new Edit.Append(
                Path.of("chat"),
                Value.map("id", Value.of("id" + random.nextLong()), "text", Value.of("hi")));
      }
      default ->
          random.nextBoolean()
              ? new Edit.Append(Path.of("generation", "queue"), Value.map("n", number))
              : new Edit.Put(Path.of("generation", key), Value.map("by", number));
    };
  }

  private static ActorId actor(String name) {
    return new ActorId(Bytes.utf8(name));
  }

  /** A copy of the document that knows only the feed's changes. */
  private static final class Mirror {
    private Value state;
    private long revision;

    Mirror(Value state) {
      this.state = state;
    }

    void apply(RoomFeed feed) {
      var change = feed.next();
      if (change == null) {
        return;
      }
      assertEquals(revision + 1, change.revision());
      revision = change.revision();
      var root = entries(state);
      root.putAll(change.set());
      change.add().forEach((map, items) -> items.forEach((key, item) -> put(root, map, key, item)));
      change.remove().forEach((map, keys) -> keys.forEach(key -> put(root, map, key, null)));
      change.insert().forEach((list, items) -> items.forEach(item -> insert(root, list, item)));
      change
          .update()
          .forEach(
              (map, items) ->
                  items.forEach(
                      (key, fields) ->
                          fields.forEach((name, value) -> update(root, map, key, name, value))));
      for (var appended : change.append()) {
        var items =
            new ArrayList<>(items(field(root, appended.map(), appended.key(), appended.field())));
        items.addAll(appended.items());
        update(root, appended.map(), appended.key(), appended.field(), Value.list(items));
      }
      for (var splice : change.splice()) {
        var text = ((Value.Text) field(root, splice.map(), splice.key(), splice.field())).value();
        var spliced =
            text.substring(0, splice.at())
                + splice.insert()
                + text.substring(splice.at() + splice.delete());
        update(root, splice.map(), splice.key(), splice.field(), Value.text(spliced));
      }
      state = new Value.MapOf(root);
    }

    private static SortedMap<String, Value> entries(@Nullable Value map) {
      return new TreeMap<>(((Value.MapOf) Objects.requireNonNull(map)).entries());
    }

    private static List<Value> items(@Nullable Value list) {
      return ((Value.ListOf) Objects.requireNonNull(list)).items();
    }

    private static Value field(Map<String, Value> root, String map, String key, String name) {
      return Objects.requireNonNull(entries(entries(root.get(map)).get(key)).get(name));
    }

    private static void put(
        Map<String, Value> root, String map, String key, @Nullable Value value) {
      var all = entries(root.get(map));
      if (value == null) {
        all.remove(key);
      } else {
        all.put(key, value);
      }
      root.put(map, new Value.MapOf(all));
    }

    private static void insert(Map<String, Value> root, String list, RoomChange.Inserted inserted) {
      var all = new ArrayList<>(items(root.get(list)));
      all.add(inserted.at(), inserted.item());
      root.put(list, Value.list(all));
    }

    private static void update(
        Map<String, Value> root, String map, String key, String name, Value value) {
      if (root.get(map) instanceof Value.ListOf(var entries)) {
        root.put(
            map,
            Value.list(
                entries.stream()
                    .map(
                        entry -> {
                          var fields = entries(entry);
                          if (Value.of(key).equals(fields.get("id"))) {
                            fields.put(name, value);
                          }
                          return (Value) new Value.MapOf(fields);
                        })
                    .toList()));
        return;
      }
      var item = entries(entries(root.get(map)).get(key));
      item.put(name, value);
      put(root, map, key, new Value.MapOf(item));
    }

    /** The state without null fields: a removed field is null in a change. */
    Value normal(Value value) {
      return switch (value) {
        case Value.MapOf(var entries) -> {
          var all = new TreeMap<String, Value>(Comparator.naturalOrder());
          entries.forEach(
              (key, child) -> {
                if (!(child instanceof Value.Null)) {
                  all.put(key, normal(child));
                }
              });
          yield new Value.MapOf(all);
        }
        case Value.ListOf(var items) -> Value.list(items.stream().map(this::normal).toList());
        default -> value;
      };
    }
  }
}
