package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Admits the operations of the staged change one by one into the tables of an {@link
 * OperationIndex}, or refuses the change. Used by the document's worker only.
 *
 * <p>For each operation these must exist: the object, with the type that the kind of key requires;
 * the element within that object; and every predecessor, in the same object at the same key or
 * element. All of them must be in the change's own past: in a direct or indirect dependency, or
 * earlier in the change itself. An admitted but concurrent change is not enough, since a replica
 * that has the change may lack the concurrent one and would abort.
 */
final class OperationAdmission {

  private final ObjectTable objects;
  private final KeyTable keys;
  private final List<ActorRuns> actors;
  private final StagedPast past;
  private OperationLimits limits;

  /** Overwritten elements, two ints each: actor and counter. */
  private final IntList overwritten = new IntList();

  // For the staged change.
  private int author;

  /** The numbers of the actors in the change's own table; the author is the first. */
  private int[] table = new int[4];

  private int overwrittenBefore;
  private String rule = "";
  private String reason = "";

  OperationAdmission(
      ObjectTable objects,
      KeyTable keys,
      List<ActorRuns> actors,
      StagedPast past,
      OperationLimits limits) {
    this.objects = objects;
    this.keys = keys;
    this.actors = actors;
    this.past = past;
    this.limits = limits;
  }

  void limit(OperationLimits later) {
    limits = later;
  }

  /**
   * Begins a change.
   *
   * @param number the number of its author
   * @param numbers the numbers of all known actors
   */
  void begin(ChangeChunk change, int number, Map<ActorId, Integer> numbers) {
    rule = "";
    author = number;
    overwrittenBefore = overwritten.size();
    var others = change.otherActors();
    if (table.length <= others.size()) {
      table = new int[others.size() + 4];
    }
    table[0] = author;
    for (var i = 0; i < others.size(); i++) {
      var other = numbers.get(others.get(i));
      if (other == null || others.get(i).equals(change.actor())) {
        refuse("AD2", "the change refers to an actor that has done nothing here");
        table[i + 1] = author;
      } else {
        table[i + 1] = other;
      }
    }
  }

  void rollback() {
    overwritten.truncate(overwrittenBefore);
  }

  /** Whether the staged change was refused. */
  boolean isRefused() {
    return !rule.isEmpty();
  }

  /** The rule that the change breaks; empty if it was not refused. */
  String rule() {
    return rule;
  }

  String reason() {
    return reason;
  }

  long heapBytes() {
    return overwritten.heapBytes();
  }

  /** Admits the operation; false if it was refused. */
  boolean admit(OperationReader operation, @Nullable OperationPolicy policy) {
    var object = objectOf(operation.object());
    if (object < 0) {
      return false;
    }
    if (operation.isKeyed() != (objects.type(object) == ObjectTable.MAP)) {
      return refuse("AD1", "the kind of key does not fit the type of the object");
    }
    var counter = (int) operation.counter();
    var key = OperationIndex.NO_KEY;
    if (operation.isKeyed()) {
      key = keys.number(operation.key());
    } else if (operation.element() != OperationReader.NONE && !hasElement(operation, object)) {
      return refuse("AD2", "an element that is referred to is not there");
    }
    if (operation.action() == Action.MARK && objects.type(object) == ObjectTable.MAP) {
      return refuse("AD1", "only text and lists bear marks");
    }
    for (var i = 0; i < operation.predecessorCount(); i++) {
      if (!overwrites(operation.predecessor(i), operation, object, key)) {
        return refuse("AD2", "a value that is overwritten is not there");
      }
    }
    var made = -1;
    if (operation.action().makes()) {
      var depth = objects.depth(object) + 1;
      if (depth > limits.depthMax()) {
        return refuse("AD3", "objects nest at most " + limits.depthMax() + " levels");
      }
      made = objects.add(typeOf(operation.action()), object, key, depth);
      actors.get(author).made(counter, made);
    }
    if (operation.action() != Action.DELETE && operation.action() != Action.INCREMENT) {
      actors.get(author).add(counter, object, place(operation, key));
    }
    if (policy != null) {
      var reason = policy.operation(operation, object, key, made);
      if (reason != null) {
        return refuse("AD6", reason);
      }
    }
    return true;
  }

  /**
   * Admits the repetitions of the last operation at once, as far as the same answer holds for them;
   * the others are admitted one by one. Without this, half a million operations in a hundred bytes
   * would delay the document.
   */
  void admitRepeats(OperationReader operation) {
    var count = operation.repeats();
    if (count == 0) {
      return;
    }
    var adds = operation.action() != Action.DELETE;
    var stride = operation.elementStride();
    var stands = operation.isKeyed() || stride == 0;
    if (adds && !operation.isInsert() && !stands) {
      return; // each overwrites a different element, which is its own place
    }
    if (!stands) {
      count = along(operation, operation.element(), stride, count);
    }
    var each = operation.predecessorCount();
    if (each > 0) {
      var last = operation.predecessor(each - 1);
      var lastStride = operation.predecessorStride();
      // An overwritten inserted element advances with the operation; any other overwritten value
      // has one place.
      var fits =
          operation.isKeyed()
              || (last == operation.element() ? each == 1 && lastStride == stride : stands);
      if (!fits) {
        return;
      }
      count = along(operation, last, lastStride, count * each) / each;
    }
    if (count == 0) {
      return;
    }
    if (adds) {
      actors.get(author).extend(count);
    }
    operation.skip(count);
  }

  /**
   * The number of ids, starting after this one with a fixed stride, that are at the same place and
   * reachable, up to a maximum. The cost is proportional to the runs that contain them.
   */
  private int along(OperationReader operation, long id, long stride, int most) {
    var actor = table[OperationReader.actorOf(id)];
    var counter = OperationReader.counterOf(id);
    var runs = actors.get(actor);
    var run = runs.run(counter);
    if (stride == 0
        || (stride > 0
            && actor == author
            && runs.isLast(run)
            && operation.action() != Action.DELETE)) {
      return most; // none is newer than its operation, which extends the run
    }
    var object = runs.object(run);
    var place = runs.place(run);
    var found = 0;
    while (found < most) {
      var within =
          (stride > 0 ? runs.after(run, counter) : runs.before(run, counter)) / Math.abs(stride);
      if (within == 0) {
        run = runs.run((int) (counter + stride));
        if (run < 0 || runs.object(run) != object || runs.place(run) != place) {
          break;
        }
        within = 1;
      }
      var step = (int) Math.min(within, most - found);
      counter += (int) (step * stride);
      found += step;
    }
    return isReachable(actor, counter) ? found : 0; // the last is the newest, or the first was
  }

  private int place(OperationReader operation, int key) {
    if (operation.isKeyed()) {
      return key;
    }
    if (operation.isInsert()) {
      return operation.action() == Action.MARK ? ActorRuns.MARKS : ActorRuns.ELEMENTS;
    }
    var actor = table[OperationReader.actorOf(operation.element())];
    var counter = OperationReader.counterOf(operation.element());
    var size = overwritten.size();
    if (size < 2 || overwritten.get(size - 2) != actor || overwritten.get(size - 1) != counter) {
      overwritten.add(actor);
      overwritten.add(counter);
      size += 2;
    }
    return ActorRuns.OVERWRITTEN - (size / 2 - 1);
  }

  private static int typeOf(Action action) {
    return switch (action) {
      case MAKE_MAP -> ObjectTable.MAP;
      case MAKE_LIST -> ObjectTable.LIST;
      case MAKE_TEXT -> ObjectTable.TEXT;
      case SET, DELETE, INCREMENT, MARK -> throw new IllegalArgumentException();
    };
  }

  /** The object's number, or -1 if the operation was refused. */
  private int objectOf(long id) {
    if (id == OperationReader.NONE) {
      return OperationIndex.ROOT;
    }
    var actor = table[OperationReader.actorOf(id)];
    var counter = OperationReader.counterOf(id);
    var object = actors.get(actor).objectMade(counter);
    if (object < 0 || !isReachable(actor, counter)) {
      refuse("AD2", "an object that is referred to is not there");
      return -1;
    }
    return object;
  }

  private boolean hasElement(OperationReader operation, int object) {
    var actor = table[OperationReader.actorOf(operation.element())];
    var counter = OperationReader.counterOf(operation.element());
    var runs = actors.get(actor);
    var run = runs.run(counter);
    if (run < 0 || runs.object(run) != object) {
      return false;
    }
    var place = runs.place(run);
    return (place == ActorRuns.ELEMENTS || (place == ActorRuns.MARKS && operation.isInsert()))
        && isReachable(actor, counter);
  }

  private boolean overwrites(long id, OperationReader operation, int object, int key) {
    var actor = table[OperationReader.actorOf(id)];
    var counter = OperationReader.counterOf(id);
    var runs = actors.get(actor);
    var run = runs.run(counter);
    if (run < 0 || runs.object(run) != object || !isReachable(actor, counter)) {
      return false;
    }
    var place = runs.place(run);
    if (operation.isKeyed()) {
      return place == key;
    }
    if (place == ActorRuns.ELEMENTS) {
      return id == operation.element();
    }
    if (place > ActorRuns.OVERWRITTEN) {
      return false;
    }
    var at = 2 * (ActorRuns.OVERWRITTEN - place);
    return overwritten.get(at) == table[OperationReader.actorOf(operation.element())]
        && overwritten.get(at + 1) == OperationReader.counterOf(operation.element());
  }

  /** Whether the operation is in the past of the staged change or earlier in the change itself. */
  private boolean isReachable(int actor, int counter) {
    if (actor == author) {
      return true; // an actor's changes form a chain, and this one is the last
    }
    var position = actors.get(actor).position(counter);
    return position >= 0 && past.contains(position);
  }

  /** Refuses the staged change; the first reason counts. Always false. */
  boolean refuse(String brokenRule, String why) {
    if (rule.isEmpty()) {
      rule = brokenRule;
      reason = why;
    }
    return false;
  }
}
