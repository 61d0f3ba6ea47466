package dev.parlor.crdt.replica;

import dev.parlor.crdt.identity.Texts;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.automerge.AmValue;
import org.automerge.NewValue;
import org.automerge.ObjectId;
import org.automerge.ObjectType;
import org.automerge.Transaction;

/** Runs edits in an open transaction, and checks values that the bindings would silently alter. */
final class Writer {
  private final Transaction transaction;
  private final Reader reader;

  Writer(Transaction transaction) {
    this.transaction = transaction;
    this.reader = new Reader(transaction);
  }

  void run(Edit edit) {
    switch (edit) {
      case Edit.Put(var path, var value) -> put(place(path), check(value));
      case Edit.Delete(var path) -> delete(place(path));
      case Edit.Append(var path, var value) -> {
        var list = listAt(path);
        insert(list, (int) transaction.length(list), check(value));
      }
      case Edit.Insert(var path, var index, var value) -> {
        var list = listAt(path);
        if (index < 0 || index > transaction.length(list)) {
          throw new ReplicaException("position " + index + " is outside the list");
        }
        insert(list, index, check(value));
      }
      case Edit.SpliceText(var path, var at, var delete, var insert) ->
          splice(textAt(path), at, delete, insert);
    }
  }

  /**
   * Returns the value; throws if it nests deeper than it can be read. A stack overflow inside
   * native code aborts the process, so the depth is bounded before any call.
   */
  private static Value check(Value value) {
    var level = List.of(value);
    for (var depth = 0; !level.isEmpty(); depth++) {
      var next = new ArrayList<Value>();
      for (var each : level) {
        if (depth >= Reader.DEPTH_MAX
            && (each instanceof Value.MapOf || each instanceof Value.ListOf)) {
          throw new ReplicaException("the value nests deeper than " + Reader.DEPTH_MAX + " levels");
        }
        switch (each) {
          case Value.MapOf(var entries) -> next.addAll(entries.values());
          case Value.ListOf(var items) -> next.addAll(items);
          default -> {
            // a leaf
          }
        }
      }
      level = next;
    }
    return value;
  }

  /** The place of a write: a key of a map, or a position of a list. */
  private sealed interface Place {
    record Key(ObjectId map, String key) implements Place {}

    record Index(ObjectId list, int index) implements Place {}
  }

  private Place place(Path path) {
    if (path.isRoot()) {
      throw new ReplicaException("the root cannot be replaced");
    }
    var parent = new Path(path.steps().subList(0, path.steps().size() - 1));
    var last = path.steps().getLast();
    if (parent.isRoot()) {
      return last instanceof String key
          ? new Place.Key(ObjectId.ROOT, Keys.check(key))
          : fail("the root is a map");
    }
    return switch (found(parent)) {
      case AmValue.Map map ->
          last instanceof String key
              ? new Place.Key(map.getId(), Keys.check(key))
              : fail("'" + parent + "' is a map");
      case AmValue.List list -> {
        if (!(last instanceof Integer index)) {
          yield fail("'" + parent + "' is a list");
        }
        if (index >= transaction.length(list.getId())) {
          yield fail("position " + index + " is outside the list");
        }
        yield new Place.Index(list.getId(), index);
      }
      default -> fail("'" + parent + "' is neither a map nor a list");
    };
  }

  private static Place fail(String message) {
    throw new ReplicaException(message);
  }

  private AmValue found(Path path) {
    Optional<AmValue> found = reader.find(path);
    return found.orElseThrow(() -> new ReplicaException("nothing stands at '" + path + "'"));
  }

  private ObjectId listAt(Path path) {
    if (!path.isRoot() && found(path) instanceof AmValue.List list) {
      return list.getId();
    }
    throw new ReplicaException("'" + path + "' is not a list");
  }

  private ObjectId textAt(Path path) {
    if (!path.isRoot() && found(path) instanceof AmValue.Text text) {
      return text.getId();
    }
    throw new ReplicaException("'" + path + "' is not a text");
  }

  private void splice(ObjectId text, int at, int delete, String insert) {
    var length = transaction.length(text);
    if (at < 0 || delete < 0 || at + (long) delete > length) {
      throw new ReplicaException(
          "positions " + at + " to " + (at + (long) delete) + " are outside the text");
    }
    transaction.spliceText(text, at, delete, Texts.wellFormed(insert));
  }

  private void delete(Place place) {
    switch (place) {
      case Place.Key(var map, var key) -> transaction.delete(map, key);
      case Place.Index(var list, var index) -> transaction.delete(list, index);
    }
  }

  private void put(Place place, Value value) {
    switch (value) {
      case Value.MapOf map -> fill(object(place, ObjectType.MAP), map);
      case Value.ListOf list -> fill(object(place, ObjectType.LIST), list);
      case Value.Text text -> fill(object(place, ObjectType.TEXT), text);
      case Value.Int(var number) when isShort(number) -> {
        switch (place) {
          case Place.Key(var map, var key) -> transaction.set(map, key, (int) number);
          case Place.Index(var list, var index) -> transaction.set(list, index, (int) number);
        }
      }
      default -> {
        var scalar = scalar(value);
        switch (place) {
          case Place.Key(var map, var key) -> transaction.set(map, key, scalar);
          case Place.Index(var list, var index) -> transaction.set(list, index, scalar);
        }
      }
    }
  }

  private ObjectId object(Place place, ObjectType type) {
    return switch (place) {
      case Place.Key(var map, var key) -> transaction.set(map, key, type);
      case Place.Index(var list, var index) -> transaction.set(list, index, type);
    };
  }

  private void insert(ObjectId list, int index, Value value) {
    switch (value) {
      case Value.MapOf map -> fill(transaction.insert(list, index, ObjectType.MAP), map);
      case Value.ListOf items -> fill(transaction.insert(list, index, ObjectType.LIST), items);
      case Value.Text text -> fill(transaction.insert(list, index, ObjectType.TEXT), text);
      case Value.Int(var number) when isShort(number) ->
          transaction.insert(list, index, (int) number);
      default -> transaction.insert(list, index, scalar(value));
    }
  }

  private void fill(ObjectId object, Value.MapOf map) {
    map.entries().forEach((key, value) -> put(new Place.Key(object, Keys.check(key)), value));
  }

  private void fill(ObjectId object, Value.ListOf list) {
    var index = 0;
    for (var item : list.items()) {
      insert(object, index++, item);
    }
  }

  private void fill(ObjectId object, Value.Text text) {
    transaction.spliceText(object, 0, 0, Texts.wellFormed(text.value()));
  }

  @SuppressWarnings("JavaUtilDate") // the bindings' type
  private static NewValue scalar(Value value) {
    return switch (value) {
      case Value.Null _ -> NewValue.NULL;
      case Value.Bool(var flag) -> NewValue.bool(flag);
      case Value.Int(var number) -> exact(number);
      case Value.Uint(var number) -> isShort(number) ? NewValue.uint(number) : exact(number);
      case Value.Float(var number) -> NewValue.f64(number);
      case Value.Str(var string) -> NewValue.str(Texts.wellFormed(string));
      case Value.Blob(var bytes) -> NewValue.bytes(bytes.toArray());
      case Value.Counter(var number) -> NewValue.counter(number);
      case Value.Timestamp(var millis) -> NewValue.timestamp(new Date(millis));
      case Value.Text _, Value.MapOf _, Value.ListOf _ ->
          throw new IllegalStateException("objects are made by their own calls");
    };
  }

  private static boolean isShort(long number) {
    return number == (int) number;
  }

  /**
   * The bindings silently cut an integer under a map key to 32 bits. A double keeps 53 bits, and
   * JavaScript sees the same number.
   */
  private static NewValue exact(long number) {
    if (number > 1L << 53 || number < -(1L << 53)) {
      throw new ReplicaException("an integer beyond 2^53 cannot be written");
    }
    return NewValue.f64((double) number);
  }
}
