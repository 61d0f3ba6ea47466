package dev.parlor.room.worker;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the fields that changes touch by reading their operations in plain Java. The cost of a
 * change depends on its operations only, not on the document. Used on the room's thread.
 *
 * <p>The patches of the Automerge bindings would say the same, but a concurrent write of one field
 * makes them abort the process.
 */
final class TouchedFields {

  /**
   * A place in the document, at most three levels deep.
   *
   * @param root a field of the root; empty for the root itself
   * @param item a key in a map, or the name of an object in a list, see {@code inList}; may be
   *     empty
   * @param field a key of the item; may be empty
   * @param whole whether a write anywhere below this place touches the place itself
   */
  record Place(String root, String item, String field, boolean inList, boolean whole) {
    static final Place ROOT = new Place("", "", "", false, false);

    static Place root(String name) {
      return new Place(name, "", "", false, false);
    }

    Place item(String key, boolean isInList) {
      return new Place(root, key, "", isInList, false);
    }

    Place field(String name) {
      return new Place(root, item, name, inList, true);
    }

    Place asWhole() {
      return new Place(root, item, field, inList, true);
    }

    /** The place of a key in the map at this place. */
    Place child(String key) {
      if (whole) {
        return this;
      }
      if (root.isEmpty()) {
        return root(key);
      }
      return item.isEmpty() ? item(key, false) : field(key);
    }
  }

  /** The places of the visible maps, lists and texts, by the names of the objects. */
  private final Map<String, Place> objects = new HashMap<>();

  private final Set<Place> touched = new LinkedHashSet<>();

  /** Takes the present document as the state to which the next changes apply. */
  void begin(Replica replica, Value root) {
    objects.clear();
    touched.clear();
    if (root instanceof Value.MapOf(var fields)) {
      fields.forEach((name, value) -> index(replica, Path.of(name), value, Place.root(name)));
    }
  }

  /** The touched places since the last call, in the order of their first change. */
  List<Place> take() {
    var all = List.copyOf(touched);
    touched.clear();
    return all;
  }

  boolean isEmpty() {
    return touched.isEmpty();
  }

  /** Notes where the containers of a value are, which is at the path. */
  void index(Replica replica, Path path, Value value, Place place) {
    if (!(value instanceof Value.MapOf
        || value instanceof Value.ListOf
        || value instanceof Value.Text)) {
      return;
    }
    var name = replica.objectAt(path);
    name.ifPresent(object -> objects.put(object, place));
    switch (value) {
      case Value.MapOf(var entries) ->
          entries.forEach(
              (key, child) -> {
                if (!key.isEmpty()) {
                  index(replica, path.child(key), child, place.child(key));
                }
              });
      case Value.ListOf(var items) -> {
        for (var i = 0; i < items.size(); i++) {
          if (items.get(i) instanceof Value.MapOf || items.get(i) instanceof Value.ListOf) {
            var itemPath = path.child(i);
            var itemPlace = placeInList(place, replica.objectAt(itemPath).orElse(""));
            index(replica, itemPath, items.get(i), itemPlace);
          }
        }
      }
      default -> {}
    }
  }

  /** The place of a map in the list at the place. Only lists in the root have items. */
  private static Place placeInList(Place list, String object) {
    return list.item().isEmpty() && !list.whole() ? list.item(object, true) : list.asWhole();
  }

  /** Reads a change that was applied to the replica. */
  void applied(Bytes change) {
    var _ =
        ChangeCodec.decode(change, FormatLimits.DEFAULT)
            .flatMap(
                chunk ->
                    OperationReader.open(chunk, OperationLimits.DEFAULT)
                        .map(operations -> read(operations, chunk.otherActors())));
  }

  private boolean read(OperationReader operations, List<ActorId> otherActors) {
    var actors = new ArrayList<String>();
    actors.add(operations.author().bytes().toHex());
    otherActors.forEach(actor -> actors.add(actor.bytes().toHex()));
    while (operations.next()) {
      var object = operations.object();
      var at =
          object == OperationReader.NONE
              ? Place.ROOT
              : objects.get(
                  OperationReader.counterOf(object)
                      + "@"
                      + actors.get(OperationReader.actorOf(object)));
      if (at == null) {
        // The object is not visible. If it becomes visible, an operation touches its place.
        operations.skip(operations.repeats());
        continue;
      }
      var made = operations.counter() + "@" + actors.getFirst();
      var place = placeOf(operations, at, made);
      touched.add(new Place(place.root(), place.item(), place.field(), place.inList(), false));
      if (operations.action().makes()) {
        var isTracked = operations.isKeyed() || !place.equals(at);
        objects.put(made, isTracked ? place : place.asWhole());
      }
      operations.skip(operations.repeats());
    }
    return !operations.failed();
  }

  private static Place placeOf(OperationReader operations, Place at, String made) {
    if (operations.isKeyed()) {
      var key = operations.key().toUtf8();
      return key.isEmpty() ? at : at.child(key);
    }
    var isNewItem =
        !at.whole()
            && at.item().isEmpty()
            && !at.root().isEmpty()
            && operations.isInsert()
            && operations.action() == Action.MAKE_MAP;
    return isNewItem ? at.item(made, true) : at;
  }
}
