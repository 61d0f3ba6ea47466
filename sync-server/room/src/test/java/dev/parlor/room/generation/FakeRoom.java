package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.Generation;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Note;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Settings;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.RoomWatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The generation fields of a room document in plain maps, in place of a replica. */
final class FakeRoom {
  /** The model that the room's settings name; null for the server's default. */
  @Nullable String model;

  /** Turns a written result into the result that is read back. A test can replace it. */
  UnaryOperator<Value> storedForm = value -> value;

  static final List<String> PLAYERS = List.of("p0", "p1", "p2", "p3", "p4");
  static final String SPECTATOR = "spectator";

  /** The first player is the host. */
  static final String HOST = "p0";

  /** The number of slots in the room's settings. */
  int slots = 1;

  // The fields that only the server writes.
  final SortedMap<String, Value> fields = new TreeMap<>(Map.of("epoch", Value.of(0L)));
  final SortedMap<String, SortedMap<String, Value>> results = new TreeMap<>();

  /** The concurrent values of the lock, the winner first. */
  final List<Lock> locks = new ArrayList<>();

  /** Requests whose changes arrived since the last observation, in order. */
  final List<ReceivedLock> writes = new ArrayList<>();

  final List<Stop> stops = new ArrayList<>();
  final List<QueueCommand> commands = new ArrayList<>();
  final List<Note> notes = new ArrayList<>();
  final List<Result> pastResults = new ArrayList<>();

  /** The ids of the chat entries that the server has appended. */
  final List<String> answers = new ArrayList<>();

  /** Identities that have lost their seats. */
  final Set<String> unseated = new HashSet<>();

  final List<Card> cards = new ArrayList<>();

  FakeRoom() {
    cards.add(card("c1", CardType.ROLE, "Act as an editor"));
    cards.add(card("c2", CardType.TONE, "Plain"));
  }

  static Card card(String id, CardType type, String text) {
    return new Card(id, type, text, null, "p0", 1, id, null, false, null);
  }

  static Lock lock(String request, String by, long seen, long at) {
    return new Lock(request, by, at, "What is " + request + "?", List.of("c1", "c2"), seen);
  }

  /** Adds a concurrent value of the lock, as the winner or as the last one. */
  void addLock(Lock lock, boolean wins) {
    if (wins) {
      locks.addFirst(lock);
    } else {
      locks.add(lock);
    }
  }

  /** A peer writes a request over every value in the lock. */
  void overwriteLock(Lock lock, RoomWatcher.Arrival arrival) {
    locks.clear();
    locks.add(lock);
    writes.add(new ReceivedLock(lock, arrival));
  }

  long epochNumber() {
    return fields.get("epoch") instanceof Value.Int(long value) ? value : -1;
  }

  @Nullable Value grant() {
    return fields.get("grant");
  }

  /** The requests that the document's queue shows, each with its state. */
  List<String> queue() {
    List<String> all = new ArrayList<>();
    if (fields.get("queue") instanceof Value.ListOf(List<Value> items)) {
      for (Value item : items) {
        SortedMap<String, Value> entry = ((Value.MapOf) item).entries();
        all.add(text(entry, "request") + (text(entry, "state").equals("old") ? " old" : ""));
      }
    }
    return all;
  }

  private static String text(SortedMap<String, Value> entry, String key) {
    return entry.get(key) instanceof Value.Str(String text) ? text : "";
  }

  RoomView view() {
    List<Participant> people = new ArrayList<>();
    for (String player : PLAYERS) {
      people.add(
          new Participant(
              player,
              player,
              null,
              null,
              unseated.contains(player)
                  ? Participant.Role.SPECTATOR
                  : player.equals(HOST) ? Participant.Role.HOST : Participant.Role.PLAYER,
              people.size()));
    }
    people.add(new Participant(SPECTATOR, SPECTATOR, null, null, Participant.Role.SPECTATOR, 99));
    return new RoomView(
        1,
        "room",
        new Settings(
            Settings.TurnMode.FREE,
            10,
            Settings.Status.WAITING,
            Settings.StackRule.LATEST,
            model,
            "",
            false,
            slots,
            Set.of()),
        people,
        cards,
        List.of(),
        notes,
        List.of(),
        new Generation(epochNumber(), locks.isEmpty() ? null : locks.getFirst(), null, null),
        allResults(),
        List.of());
  }

  private List<Result> allResults() {
    SortedMap<String, Value> values = new TreeMap<>();
    results.forEach((request, result) -> values.put(request, new Value.MapOf(result)));
    List<Result> all = new ArrayList<>(pastResults);
    all.addAll(RoomView.read(Value.map("results", new Value.MapOf(values))).results());
    return all;
  }

  GenerationSnapshot snapshot() {
    SortedMap<String, Value> stored = new TreeMap<>();
    results.forEach(
        (request, result) ->
            stored.put(
                request, storedForm.apply(ServerFields.normalized(new Value.MapOf(result)))));
    List<ReceivedLock> received = new ArrayList<>(writes);
    locks.stream()
        .filter(lock -> writes.stream().noneMatch(each -> each.request().equals(lock.request())))
        .forEach(lock -> received.add(new ReceivedLock(lock, RoomWatcher.Arrival.LIVE)));
    return new GenerationSnapshot(
        received,
        locks.size(),
        stops,
        stops.size(),
        commands,
        commands.size(),
        true,
        ServerFields.serverFields(fields),
        stored,
        view());
  }

  String status(String request) {
    SortedMap<String, Value> result = results.get(request);
    return result != null && result.get("status") instanceof Value.Str(String status)
        ? status
        : "none";
  }

  String text(String request) {
    StringBuilder text = new StringBuilder();
    if (Objects.requireNonNull(results.get(request)).get("chunks")
        instanceof Value.ListOf(List<Value> chunks)) {
      for (Value chunk : chunks) {
        text.append(chunk instanceof Value.Str(String piece) ? piece : "?");
      }
    }
    return text.toString();
  }

  /** An edit writes into a result that does not exist. */
  private static final class NoSuchResult extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Applies all edits, or none if one of them fails, as a replica does. */
  void apply(List<Edit> edits) {
    ServerFieldsCopy before = copyServerFields();
    List<Lock> locksBefore = List.copyOf(locks);
    List<Stop> stopsBefore = List.copyOf(stops);
    try {
      edits.forEach(this::apply);
    } catch (NoSuchResult _) {
      restoreServerFields(before);
      locks.clear();
      locks.addAll(locksBefore);
      stops.clear();
      stops.addAll(stopsBefore);
    }
  }

  private void apply(Edit edit) {
    List<Object> steps = edit.path().steps();
    switch (edit.path().toString()) {
      case "generation/lock" -> {
        locks.clear();
        if (value(edit) instanceof Value.MapOf put) {
          locks.addAll(RoomView.readLocks(List.of(put)));
        }
      }
      case "generation/stop" -> stops.clear();
      case "generation/command" -> commands.clear();
      case "chat" -> {
        if (edit instanceof Edit.Append append
            && append.value() instanceof Value.MapOf(SortedMap<String, Value> entry)) {
          answers.add(text(entry, "id") + ": " + text(entry, "text"));
        }
      }
      default -> {
        if (steps.getFirst().equals("generation")) {
          applyToField((String) steps.get(1), steps, edit);
          return;
        }
        if (!steps.getFirst().equals("results")) {
          throw new AssertionError("the server must not write " + edit.path());
        }
        applyToResult((String) steps.get(1), steps, edit);
      }
    }
  }

  private void applyToField(String name, List<Object> steps, Edit edit) {
    if (!ServerFields.NAMES.contains(name)) {
      throw new AssertionError("the server must not write " + edit.path());
    }
    Value present = fields.get(name);
    if (edit instanceof Edit.Insert insert) {
      List<Value> items = items(present, insert.index() - 1);
      items.add(insert.index(), insert.value());
      fields.put(name, Value.list(items));
    } else if (steps.size() == 3 && steps.get(2) instanceof Integer index) {
      List<Value> items = items(present, index);
      items.remove((int) index);
      fields.put(name, Value.list(items));
    } else if (steps.size() == 3) {
      if (!(present instanceof Value.MapOf(SortedMap<String, Value> entries))) {
        throw new NoSuchResult();
      }
      SortedMap<String, Value> changed = new TreeMap<>(entries);
      putOrRemove(changed, (String) steps.get(2), value(edit));
      fields.put(name, new Value.MapOf(changed));
    } else {
      putOrRemove(fields, name, value(edit));
    }
  }

  private static List<Value> items(@Nullable Value present, int last) {
    if (present instanceof Value.ListOf(List<Value> items) && last < items.size()) {
      return new ArrayList<>(items);
    }
    throw new NoSuchResult(); // a forged write removed it
  }

  private static void putOrRemove(
      SortedMap<String, Value> entries, String key, @Nullable Value value) {
    if (value == null) {
      entries.remove(key);
    } else {
      entries.put(key, value);
    }
  }

  private void applyToResult(String request, List<Object> steps, Edit edit) {
    if (steps.size() == 2) {
      switch (value(edit)) {
        case null -> results.remove(request);
        case Value.MapOf(SortedMap<String, Value> entries) ->
            results.put(request, new TreeMap<>(entries));
        default -> throw new AssertionError("not a result: " + edit);
      }
      return;
    }
    SortedMap<String, Value> result = results.get(request);
    if (result == null) {
      throw new NoSuchResult(); // a forged write removed it
    }
    String key = (String) steps.get(2);
    if (edit instanceof Edit.Append append) {
      List<Value> longer = new ArrayList<>();
      if (result.get(key) instanceof Value.ListOf(List<Value> items)) {
        longer.addAll(items);
      }
      longer.add(append.value());
      result.put(key, Value.list(longer));
    } else {
      result.put(key, Objects.requireNonNull(value(edit)));
    }
  }

  private static @Nullable Value value(Edit edit) {
    return switch (edit) {
      case Edit.Put put -> put.value();
      case Edit.Delete _ -> null;
      default -> throw new AssertionError("not a put: " + edit);
    };
  }

  /** Writes that no client may make. */
  enum Forgery {
    CHANGE_EPOCH,
    SET_GRANT,
    REMOVE_GRANT,
    ADD_RESULT,
    REMOVE_RESULTS,
    REMOVE_LOCK,
    CHANGE_TEXT,
    CHANGE_QUEUE,
    REMOVE_QUEUE
  }

  /**
   * Makes a forged write.
   *
   * @param request the request that a forged grant or result names
   */
  void forge(Forgery forgery, String request) {
    switch (forgery) {
      case CHANGE_EPOCH -> fields.put("epoch", Value.of(999L));
      case SET_GRANT ->
          fields.put("grant", Value.map("request", Value.of(request), "epoch", Value.of(999L)));
      case CHANGE_QUEUE ->
          fields.put("queue", Value.list(List.of(Value.map("request", Value.of(request)))));
      case REMOVE_QUEUE -> fields.remove("queue");
      case REMOVE_GRANT -> {
        fields.remove("grant");
        fields.remove("grants");
      }
      case ADD_RESULT -> results.put(request, new TreeMap<>(Map.of("status", Value.of("done"))));
      case REMOVE_RESULTS -> results.clear();
      case REMOVE_LOCK -> locks.clear();
      case CHANGE_TEXT ->
          results.values().stream()
              .findFirst()
              .ifPresent(result -> result.put("chunks", Value.list(List.of(Value.of("lies")))));
    }
  }

  /** The fields that only the server writes, at one moment. */
  record ServerFieldsCopy(
      SortedMap<String, Value> fields, SortedMap<String, SortedMap<String, Value>> results) {}

  ServerFieldsCopy copyServerFields() {
    SortedMap<String, SortedMap<String, Value>> copy = new TreeMap<>();
    results.forEach((request, result) -> copy.put(request, new TreeMap<>(result)));
    return new ServerFieldsCopy(new TreeMap<>(fields), copy);
  }

  void restoreServerFields(ServerFieldsCopy copy) {
    fields.clear();
    fields.putAll(copy.fields());
    results.clear();
    copy.results().forEach((request, result) -> results.put(request, new TreeMap<>(result)));
  }

  /** Adds a stop of a request, as a browser does with {@link RoomEdits#stop}. */
  void stop(String request, String by) {
    stops.add(new Stop(request, by, 1));
  }
}
