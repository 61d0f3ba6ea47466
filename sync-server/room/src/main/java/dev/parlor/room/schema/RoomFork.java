package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Plans the edits that turn an empty document into a copy of a room on the same server.
 *
 * <p>All parts are copied as they are in the document, also parts and fields that this version does
 * not know, with the same ids. So references between cards, windows, notes, answers and chat stay
 * valid. These parts differ:
 *
 * <ul>
 *   <li>Participants keep identity, name, avatar and colour, so that texts keep their authors. They
 *       are spectators until they join the copy.
 *   <li>The state of generations is empty. A running answer becomes an interrupted one, and waiting
 *       requests are not copied. Finished answers are copied through the ledger, as in an import.
 *   <li>{@code joined} is not copied: its versions belong to the history of the original.
 * </ul>
 */
public final class RoomFork {

  /** The parts that are not copied as they are. */
  private static final Set<String> OWN_PARTS =
      Set.of(
          RoomFields.TITLE,
          RoomFields.PARTICIPANTS,
          RoomFields.GENERATION,
          RoomFields.RESULTS,
          RoomFields.JOINED);

  private final EditBatches batches = new EditBatches();

  private RoomFork() {}

  /**
   * Plans a copy.
   *
   * @param root the document of the original
   * @param title the title of the copy
   */
  public static RoomImport.Plan of(Value.MapOf root, String title) {
    return new RoomFork().plan(root, title);
  }

  private RoomImport.Plan plan(Value.MapOf root, String title) {
    var view = RoomView.read(root);
    put(RoomFields.TITLE, Value.text(title));
    put(RoomFields.PARTICIPANTS, participants(root));
    put(RoomFields.GENERATION, Value.map(RoomFields.EPOCH, Value.of(0)));
    put(RoomFields.RESULTS, Value.map());
    for (var part : root.entries().entrySet()) {
      if (!OWN_PARTS.contains(part.getKey())) {
        // Containers come first, empty: one large edit could exceed the size of a change.
        put(part.getKey(), emptied(part.getValue()));
      }
    }
    for (var part : root.entries().entrySet()) {
      if (!OWN_PARTS.contains(part.getKey())) {
        fill(part.getKey(), part.getValue());
      }
    }
    var results =
        view.results().stream().map(result -> RoomImport.finished(result, result.by())).toList();
    return new RoomImport.Plan(batches.changes(), results);
  }

  private static Value emptied(Value part) {
    return switch (part) {
      case Value.MapOf _ -> Value.map();
      case Value.ListOf _ -> Value.list(java.util.List.of());
      default -> part;
    };
  }

  private void fill(String key, Value part) {
    switch (part) {
      case Value.MapOf(var entries) ->
          entries.forEach((id, value) -> add(new Edit.Put(Path.of(key, id), value), value));
      case Value.ListOf(var items) ->
          items.forEach(value -> add(new Edit.Append(Path.of(key), value), value));
      default -> {}
    }
  }

  private void put(String key, Value value) {
    add(new Edit.Put(Path.of(key), value), value);
  }

  private void add(Edit edit, Value value) {
    batches.add(edit, operations(value));
  }

  /** The approximate number of operations that write a value. */
  private static int operations(Value value) {
    return switch (value) {
      case Value.MapOf(var entries) ->
          1 + entries.values().stream().mapToInt(RoomFork::operations).sum();
      case Value.ListOf(var items) -> 1 + items.stream().mapToInt(RoomFork::operations).sum();
      case Value.Text(var text) -> 1 + text.length();
      default -> 1;
    };
  }

  /** The participants as spectators. A damaged entry is copied as it is. */
  private static Value participants(Value.MapOf root) {
    var people = new TreeMap<String, Value>();
    if (root.entries().get(RoomFields.PARTICIPANTS) instanceof Value.MapOf(var entries)) {
      for (Map.Entry<String, Value> person : entries.entrySet()) {
        people.put(person.getKey(), spectator(person.getValue()));
      }
    }
    return new Value.MapOf(people);
  }

  private static Value spectator(Value person) {
    if (!(person instanceof Value.MapOf(var fields))) {
      return person;
    }
    var copied = new TreeMap<>(fields);
    copied.put(RoomFields.ROLE, RoomSchema.named(Participant.Role.SPECTATOR));
    copied.remove(RoomFields.REMOVED_BY);
    return new Value.MapOf(copied);
  }
}
