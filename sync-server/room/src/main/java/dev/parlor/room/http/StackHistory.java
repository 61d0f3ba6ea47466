package dev.parlor.room.http;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.room.schema.RoomFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The earlier stacks of a room: the states after each change of a card, found by reading the
 * operations of all changes. Later changes of the same card replace its state, so a text that was
 * typed letter by letter is one state. Pure.
 */
final class StackHistory {

  /**
   * A state of the room.
   *
   * @param heads the hashes that name the state
   * @param cards the ids of the changed cards, and whether the change played them
   */
  record State(List<ChangeHash> heads, Map<String, Boolean> cards) {
    State {
      heads = List.copyOf(heads);
      cards = new LinkedHashMap<>(cards);
    }

    /** Whether this state is a further edit of the cards of an earlier one. */
    private boolean edits(State earlier) {
      return !cards.containsValue(true) && cards.keySet().equals(earlier.cards.keySet());
    }
  }

  /** The maps of cards, by the names of the objects; there can be several after a merge. */
  private final Set<String> maps = new LinkedHashSet<>();

  /** The cards of objects: of the card itself, and of its text. */
  private final Map<String, String> cards = new HashMap<>();

  private final Set<ChangeHash> heads = new LinkedHashSet<>();
  private final List<State> states = new ArrayList<>();

  private StackHistory() {}

  /**
   * The states, oldest first.
   *
   * @param changes all changes, each after its dependencies
   */
  static List<State> of(List<ChangeChunk> changes) {
    var history = new StackHistory();
    changes.forEach(history::add);
    return List.copyOf(history.states);
  }

  private void add(ChangeChunk change) {
    change.deps().forEach(heads::remove);
    heads.add(change.hash());
    var touched = new LinkedHashMap<String, Boolean>();
    var _ =
        OperationReader.open(change, OperationLimits.DEFAULT)
            .map(operations -> read(operations, change, touched));
    if (touched.isEmpty()) {
      return;
    }
    var state = new State(List.copyOf(heads), touched);
    if (!states.isEmpty() && state.edits(states.getLast())) {
      var played = states.removeLast().cards();
      states.add(new State(state.heads(), played));
    } else {
      states.add(state);
    }
  }

  private boolean read(
      OperationReader operations, ChangeChunk change, Map<String, Boolean> touched) {
    var actors = new ArrayList<String>();
    actors.add(change.actor().bytes().toHex());
    change.otherActors().forEach(actor -> actors.add(actor.bytes().toHex()));
    while (operations.next()) {
      var made = operations.counter() + "@" + actors.getFirst();
      var makes = operations.action().makes();
      var key = operations.isKeyed() ? operations.key().toUtf8() : "";
      if (operations.object() == OperationReader.NONE) {
        if (makes && key.equals(RoomFields.CARDS)) {
          maps.add(made);
        }
      } else {
        var object =
            OperationReader.counterOf(operations.object())
                + "@"
                + actors.get(OperationReader.actorOf(operations.object()));
        if (maps.contains(object)) {
          touched.put(key, makes);
          if (makes) {
            cards.put(made, key);
          }
        } else if (cards.containsKey(object)) {
          touched.putIfAbsent(cards.get(object), false);
          if (makes) {
            cards.put(made, cards.get(object));
          }
        }
      }
      operations.skip(operations.repeats());
    }
    return !operations.failed();
  }
}
