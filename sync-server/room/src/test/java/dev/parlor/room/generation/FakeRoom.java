package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.Generation;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Settings;
import dev.parlor.room.schema.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  // The fields that only the server writes.
  @Nullable Value epoch = Value.of(0L);
  @Nullable Value grant;
  final SortedMap<String, SortedMap<String, Value>> results = new TreeMap<>();

  /** The concurrent values of the lock, the winner first. */
  final List<Lock> locks = new ArrayList<>();

  final List<Stop> stops = new ArrayList<>();
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

  long epochNumber() {
    return epoch instanceof Value.Int(long value) ? value : -1;
  }

  RoomView view() {
    List<Participant> people = new ArrayList<>();
    for (String player : PLAYERS) {
      people.add(
          new Participant(player, player, null, null, Participant.Role.PLAYER, people.size()));
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
            false),
        people,
        cards,
        List.of(),
        List.of(),
        List.of(),
        new Generation(epochNumber(), locks.isEmpty() ? null : locks.getFirst(), null, null),
        List.of(),
        List.of());
  }

  GenerationSnapshot snapshot() {
    SortedMap<String, Value> stored = new TreeMap<>();
    results.forEach(
        (request, result) ->
            stored.put(
                request, storedForm.apply(ServerFields.normalized(new Value.MapOf(result)))));
    Value plainGrant = grant == null ? null : ServerFields.normalized(grant);
    return new GenerationSnapshot(
        locks, locks.size(), stops, true, epoch, plainGrant, stored, view());
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
      case "generation/epoch" -> epoch = value(edit);
      case "generation/grant" -> grant = value(edit);
      case "generation/lock" -> {
        locks.clear();
        if (value(edit) instanceof Value.MapOf put) {
          locks.addAll(RoomView.readLocks(List.of(put)));
        }
      }
      case "generation/stop" -> stops.clear();
      default -> {
        if (!steps.getFirst().equals("results")) {
          throw new AssertionError("the server must not write " + edit.path());
        }
        applyToResult((String) steps.get(1), steps, edit);
      }
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
    CHANGE_TEXT
  }

  /**
   * Makes a forged write.
   *
   * @param request the request that a forged grant or result names
   */
  void forge(Forgery forgery, String request) {
    switch (forgery) {
      case CHANGE_EPOCH -> epoch = Value.of(999L);
      case SET_GRANT -> grant = Value.map("request", Value.of(request), "epoch", Value.of(999L));
      case REMOVE_GRANT -> grant = null;
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
      @Nullable Value epoch,
      @Nullable Value grant,
      SortedMap<String, SortedMap<String, Value>> results) {}

  ServerFieldsCopy copyServerFields() {
    SortedMap<String, SortedMap<String, Value>> copy = new TreeMap<>();
    results.forEach((request, result) -> copy.put(request, new TreeMap<>(result)));
    return new ServerFieldsCopy(epoch, grant, copy);
  }

  void restoreServerFields(ServerFieldsCopy copy) {
    epoch = copy.epoch();
    grant = copy.grant();
    results.clear();
    copy.results().forEach((request, result) -> results.put(request, new TreeMap<>(result)));
  }

  /** Adds a stop of a request, as a browser does with {@link RoomEdits#stop}. */
  void stop(String request, String by) {
    stops.add(new Stop(request, by, 1));
  }
}
