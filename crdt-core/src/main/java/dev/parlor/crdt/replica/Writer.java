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

/** Runs edits in an open transaction. Refuses values that the bindings would silently change. */
final class Writer {
  private final Transaction transaction;
  private final Reader reader;

  Writer(Transaction transaction) {
    this.transaction = transaction;
    this.reader = new Reader(transaction);
  }

  void run(Edit edit) {
    switch (edit) {
      case Edit.Put(var path, var value) -> put(target(path), check(value));
      case Edit.Delete(var path) -> delete(target(path));
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
   * Returns the value; throws if it nests deeper than {@link Reader} reads. A stack overflow inside
   * native code aborts the process, so the depth is checked before any call.
   */
  private static Value check(Value value) {
    var level = List.of(value);
    for (var depth = 0; !level.isEmpty(); depth++) {
      var next = new ArrayList<Value>();
      for (var item : level) {
        if (depth >= Reader.DEPTH_MAX
            && (item instanceof Value.MapOf || item instanceof Value.ListOf)) {
          throw new ReplicaException("the value nests deeper than " + Reader.DEPTH_MAX + " levels");
        }
        switch (item) {
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

  /** The target of a write: a key of a map, or a position of a list. */
  private sealed interface Target {
    record Key(ObjectId map, String key) implements Target {}

    record Index(ObjectId list, int index) implements Target {}
  }

  private Target target(Path path) {
    if (path.isRoot()) {
      throw new ReplicaException("the root cannot be replaced");
    }
    var parent = new Path(path.steps().subList(0, path.steps().size() - 1));
    var last = path.steps().getLast();
    if (parent.isRoot()) {
      return last instanceof String key
          ? new Target.Key(ObjectId.ROOT, Keys.check(key))
          : fail("the root is a map");
    }
    return switch (existing(parent)) {
      case AmValue.Map map ->
          last instanceof String key
              ? new Target.Key(map.getId(), Keys.check(key))
              : fail("'" + parent + "' is a map");
      case AmValue.List list -> {
        if (!(last instanceof Integer index)) {
          yield fail("'" + parent + "' is a list");
        }
        if (index >= transaction.length(list.getId())) {
          yield fail("position " + index + " is outside the list");
        }
        yield new Target.Index(list.getId(), index);
      }
      default -> fail("'" + parent + "' is neither a map nor a list");
    };
  }

  private static Target fail(String message) {
    throw new ReplicaException(message);
  }

  private AmValue existing(Path path) {
    Optional<AmValue> existing = reader.find(path);
    return existing.orElseThrow(() -> new ReplicaException("there is no value at '" + path + "'"));
  }

  private ObjectId listAt(Path path) {
    if (!path.isRoot() && existing(path) instanceof AmValue.List list) {
      return list.getId();
    }
    throw new ReplicaException("'" + path + "' is not a list");
  }

  private ObjectId textAt(Path path) {
    if (!path.isRoot() && existing(path) instanceof AmValue.Text text) {
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

  private void delete(Target target) {
    switch (target) {
      case Target.Key(var map, var key) -> transaction.delete(map, key);
      case Target.Index(var list, var index) -> transaction.delete(list, index);
    }
  }

  private void put(Target target, Value value) {
    switch (value) {
      case Value.MapOf map -> fill(object(target, ObjectType.MAP), map);
      case Value.ListOf list -> fill(object(target, ObjectType.LIST), list);
      case Value.Text text -> fill(object(target, ObjectType.TEXT), text);
      case Value.Int(var number) when fitsInt(number) -> {
        switch (target) {
          case Target.Key(var map, var key) -> transaction.set(map, key, (int) number);
          case Target.Index(var list, var index) -> transaction.set(list, index, (int) number);
        }
      }
      default -> {
        var scalar = scalar(value);
        switch (target) {
          case Target.Key(var map, var key) -> transaction.set(map, key, scalar);
          case Target.Index(var list, var index) -> transaction.set(list, index, scalar);
        }
      }
    }
  }

  private ObjectId object(Target target, ObjectType type) {
    return switch (target) {
      case Target.Key(var map, var key) -> transaction.set(map, key, type);
      case Target.Index(var list, var index) -> transaction.set(list, index, type);
    };
  }

  private void insert(ObjectId list, int index, Value value) {
    switch (value) {
      case Value.MapOf map -> fill(transaction.insert(list, index, ObjectType.MAP), map);
      case Value.ListOf items -> fill(transaction.insert(list, index, ObjectType.LIST), items);
      case Value.Text text -> fill(transaction.insert(list, index, ObjectType.TEXT), text);
      case Value.Int(var number) when fitsInt(number) ->
          transaction.insert(list, index, (int) number);
      default -> transaction.insert(list, index, scalar(value));
    }
  }

  private void fill(ObjectId object, Value.MapOf map) {
    map.entries().forEach((key, value) -> put(new Target.Key(object, Keys.check(key)), value));
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
      case Value.Int(var number) -> asDouble(number);
      case Value.Uint(var number) -> fitsInt(number) ? NewValue.uint(number) : asDouble(number);
      case Value.Float(var number) -> NewValue.f64(number);
      case Value.Str(var string) -> NewValue.str(Texts.wellFormed(string));
      case Value.Blob(var bytes) -> NewValue.bytes(bytes.toArray());
      case Value.Counter(var number) -> NewValue.counter(number);
      case Value.Timestamp(var millis) -> NewValue.timestamp(new Date(millis));
      case Value.Text _, Value.MapOf _, Value.ListOf _ ->
          throw new IllegalStateException("objects are made by their own calls");
    };
  }

  private static boolean fitsInt(long number) {
    return number == (int) number;
  }

  /**
   * An integer as a double: the bindings silently cut an integer under a map key to 32 bits. A
   * double keeps 53 bits, and JavaScript sees the same number.
   */
  private static NewValue asDouble(long number) {
    if (number > 1L << 53 || number < -(1L << 53)) {
      throw new ReplicaException("an integer beyond 2^53 cannot be written");
    }
    return NewValue.f64((double) number);
  }
}
