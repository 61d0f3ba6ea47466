package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.worker.TouchedFields.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link RoomChange} of the fields that changes have touched. Only touched fields are read
 * from the replica, so the cost does not grow with the room's history. Used on the room's thread,
 * and only while the room has a follower.
 */
final class RoomFeed {
  private final Replica replica;
  private final TouchedFields touched = new TouchedFields();

  /** The last value of texts and lists that were touched before, for {@code splice}. */
  private final Map<Place, Value> known = new HashMap<>();

  private long revision;

  RoomFeed(Replica replica, Value root) {
    this.replica = replica;
    touched.begin(replica, root);
  }

  long revision() {
    return revision;
  }

  /** A change was applied to the replica. */
  void applied(Bytes change) {
    touched.applied(change);
  }

  boolean hasTouched() {
    return !touched.isEmpty();
  }

  /** The change since the last call; null if no visible field was touched. */
  @Nullable RoomChange next() {
    var places = touched.take();
    if (places.isEmpty()) {
      return null;
    }
    var change = new Collected();
    Set<Place> wholes = new HashSet<>();
    places.stream().filter(place -> place.field().isEmpty()).forEach(wholes::add);
    Map<String, Map<String, Set<String>>> inLists = new TreeMap<>();
    for (var place : places) {
      if (place.root().isEmpty() || isCovered(place, wholes)) {
        continue;
      }
      if (place.item().isEmpty()) {
        root(place, change);
      } else if (place.inList()) {
        var fields =
            inLists
                .computeIfAbsent(place.root(), _ -> new HashMap<>())
                .computeIfAbsent(place.item(), _ -> new HashSet<>());
        if (!place.field().isEmpty()) {
          fields.add(place.field());
        }
      } else if (place.field().isEmpty()) {
        item(place, change);
      } else {
        field(place, change);
      }
    }
    inLists.forEach((list, items) -> items(list, items, wholes, change));
    var next = change.done(revision + 1, replica);
    if (next.isEmpty()) {
      return null;
    }
    revision++;
    return next;
  }

  /** Whether a place above is touched itself. */
  private static boolean isCovered(Place place, Set<Place> wholes) {
    return (!place.item().isEmpty() && wholes.contains(rootOf(place)))
        || (!place.field().isEmpty() && !place.inList() && wholes.contains(itemOf(place)));
  }

  private static Place rootOf(Place place) {
    return new Place(place.root(), "", "", false, false);
  }

  private static Place itemOf(Place place) {
    return new Place(place.root(), place.item(), "", place.inList(), false);
  }

  private void root(Place place, Collected change) {
    var path = Path.of(place.root());
    var value = replica.read(path);
    known.keySet().removeIf(each -> each.root().equals(place.root()));
    value.ifPresent(present -> touched.index(replica, path, present, place));
    change.set.put(place.root(), RoomChange.orNull(value.orElse(null)));
  }

  private void item(Place place, Collected change) {
    var path = Path.of(place.root(), place.item());
    var value = replica.read(path);
    known
        .keySet()
        .removeIf(each -> rootOf(each).equals(rootOf(place)) && each.item().equals(place.item()));
    if (value.isEmpty()) {
      change.remove.computeIfAbsent(place.root(), _ -> new ArrayList<>()).add(place.item());
      return;
    }
    touched.index(replica, path, value.get(), place);
    change.add.computeIfAbsent(place.root(), _ -> new TreeMap<>()).put(place.item(), value.get());
  }

  private void field(Place place, Collected change) {
    if (replica.objectAt(Path.of(place.root(), place.item())).isEmpty()) {
      return; // the item was removed
    }
    var path = Path.of(place.root(), place.item(), place.field());
    var value = replica.read(path);
    var before = known.remove(place);
    if (value.isPresent()
        && (value.get() instanceof Value.Text || value.get() instanceof Value.ListOf)) {
      known.put(place, value.get());
    }
    if (before instanceof Value.Text(var old)
        && value.orElse(null) instanceof Value.Text(var now)) {
      splice(place, old, now, change);
    } else if (before instanceof Value.ListOf(var old)
        && value.orElse(null) instanceof Value.ListOf(var now)
        && now.size() > old.size()
        && now.subList(0, old.size()).equals(old)) {
      touched.index(replica, path, value.get(), place.asWhole());
      change.append.add(
          new RoomChange.Appended(
              place.root(), place.item(), place.field(), now.subList(old.size(), now.size())));
    } else {
      value.ifPresent(present -> touched.index(replica, path, present, place.asWhole()));
      change.update(
          place.root(), place.item(), place.field(), RoomChange.orNull(value.orElse(null)));
    }
  }

  /** Adds the smallest part in which the texts differ. It never halves a character. */
  private static void splice(Place place, String old, String now, Collected change) {
    var shorter = Math.min(old.length(), now.length());
    var prefix = 0;
    while (prefix < shorter && old.charAt(prefix) == now.charAt(prefix)) {
      prefix++;
    }
    if (prefix > 0 && Character.isHighSurrogate(old.charAt(prefix - 1))) {
      prefix--;
    }
    var suffix = 0;
    while (suffix < shorter - prefix
        && old.charAt(old.length() - 1 - suffix) == now.charAt(now.length() - 1 - suffix)) {
      suffix++;
    }
    if (suffix > 0 && Character.isLowSurrogate(now.charAt(now.length() - suffix))) {
      suffix--;
    }
    if (prefix + suffix == old.length() && old.length() == now.length()) {
      return;
    }
    change.splice.add(
        new RoomChange.Spliced(
            place.root(),
            place.item(),
            place.field(),
            prefix,
            old.length() - prefix - suffix,
            now.substring(prefix, now.length() - suffix)));
  }

  /** Finds the touched items of a list from its end, where almost all of them are. */
  private void items(
      String list, Map<String, Set<String>> items, Set<Place> wholes, Collected change) {
    var wanted = new HashSet<>(items.keySet());
    var inserted = new ArrayList<RoomChange.Inserted>();
    for (var at = replica.length(Path.of(list)) - 1; at >= 0 && !wanted.isEmpty(); at--) {
      var path = Path.of(list, at);
      var object = replica.objectAt(path).orElse("");
      if (!wanted.remove(object)) {
        continue;
      }
      var value = replica.read(path).orElse(Value.NULL);
      var place = new Place(list, object, "", true, false);
      touched.index(replica, path, value, place);
      if (wholes.contains(place)) {
        inserted.addFirst(new RoomChange.Inserted(at, value));
      } else if (value instanceof Value.MapOf(var entries)
          && entries.get(RoomFields.ID) instanceof Value.Str(var id)) {
        items
            .getOrDefault(object, Set.of())
            .forEach(
                field -> change.update(list, id, field, RoomChange.orNull(entries.get(field))));
      }
    }
    if (!inserted.isEmpty()) {
      change.insert.put(list, List.copyOf(inserted));
    }
  }

  /** A change under construction. */
  private static final class Collected {
    final Map<String, Value> set = new TreeMap<>();
    final Map<String, Map<String, Value>> add = new TreeMap<>();
    final Map<String, Map<String, Map<String, Value>>> update = new TreeMap<>();
    final Map<String, List<String>> remove = new TreeMap<>();
    final Map<String, List<RoomChange.Inserted>> insert = new TreeMap<>();
    final List<RoomChange.Appended> append = new ArrayList<>();
    final List<RoomChange.Spliced> splice = new ArrayList<>();

    void update(String map, String key, String field, Value value) {
      update
          .computeIfAbsent(map, _ -> new TreeMap<>())
          .computeIfAbsent(key, _ -> new TreeMap<>())
          .put(field, value);
    }

    RoomChange done(long revision, Replica replica) {
      return new RoomChange(
          revision, replica.heads(), set, add, update, remove, insert, append, splice);
    }
  }
}
