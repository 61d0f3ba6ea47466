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
 * element. All of them must be in the change's past: in a direct or indirect dependency, or earlier
 * in the change itself. A concurrent change is not enough: a replica may have this change without
 * the concurrent one, and would abort.
 */
final class OperationAdmission {

  private final ObjectTable objects;
  private final KeyTable keys;
  private final List<ActorRuns> actors;
  private final StagedPast past;
  private OperationLimits limits;

  /** Elements that were overwritten, two ints each: actor and counter. */
  private final IntList overwritten = new IntList();

  // For the staged change.
  private int author;

  /** The number of each actor in the change's actor table; index 0 is the author. */
  private int[] actorTable = new int[4];

  private int overwrittenSizeBefore;
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

  void limit(OperationLimits limits) {
    this.limits = limits;
  }

  /**
   * Begins a change.
   *
   * @param authorNumber the number of the change's author
   * @param actorNumbers the numbers of the actors of all admitted changes, and of the author
   */
  void begin(ChangeChunk change, int authorNumber, Map<ActorId, Integer> actorNumbers) {
    rule = "";
    author = authorNumber;
    overwrittenSizeBefore = overwritten.size();
    var others = change.otherActors();
    if (actorTable.length <= others.size()) {
      actorTable = new int[others.size() + 4];
    }
    actorTable[0] = author;
    for (var i = 0; i < others.size(); i++) {
      var other = actorNumbers.get(others.get(i));
      if (other == null || others.get(i).equals(change.actor())) {
        refuse("AD2", "the change refers to an actor without changes in this document");
        actorTable[i + 1] = author;
      } else {
        actorTable[i + 1] = other;
      }
    }
  }

  void rollback() {
    overwritten.truncate(overwrittenSizeBefore);
  }

  /** Whether the staged change was refused. */
  boolean isRefused() {
    return !rule.isEmpty();
  }

  /** The id of the rule that the staged change breaks; empty if the change was not refused. */
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
      return refuse("AD2", "the element that an operation refers to does not exist");
    }
    if (operation.action() == Action.MARK && objects.type(object) == ObjectTable.MAP) {
      return refuse("AD1", "only texts and lists can have marks");
    }
    for (var i = 0; i < operation.predecessorCount(); i++) {
      if (!overwrites(operation.predecessor(i), operation, object, key)) {
        return refuse("AD2", "the value that an operation overwrites does not exist");
      }
    }
    var madeObject = -1;
    if (operation.action().makes()) {
      var depth = objects.depth(object) + 1;
      if (depth > limits.depthMax()) {
        return refuse("AD3", "objects nest at most " + limits.depthMax() + " levels");
      }
      madeObject = objects.add(typeOf(operation.action()), object, key, depth);
      actors.get(author).addObject(counter, madeObject);
    }
    if (operation.action() != Action.DELETE && operation.action() != Action.INCREMENT) {
      actors.get(author).add(counter, object, placeOf(operation, key));
    }
    if (policy != null) {
      var reason = policy.checkOperation(operation, object, key, madeObject);
      if (reason != null) {
        return refuse("AD6", reason);
      }
    }
    return true;
  }

  /**
   * Admits repetitions of the last operation at once, as far as the checks have the same result for
   * them; the caller admits the others one by one. Without this, half a million operations in a
   * hundred bytes would delay the document.
   */
  void admitRepeats(OperationReader operation) {
    var count = operation.repeats();
    if (count == 0) {
      return;
    }
    var writesValue = operation.action() != Action.DELETE;
    var hasOnePlace = operation.isKeyed() || operation.elementStride() == 0;
    if (writesValue && !operation.isInsert() && !hasOnePlace) {
      return; // each repetition overwrites a different element, so each has a different place
    }
    if (!hasOnePlace) {
      count = countReachable(operation, operation.element(), operation.elementStride(), count);
    }
    var predecessors = operation.predecessorCount();
    if (predecessors > 0) {
      if (!predecessorsStayInPlace(operation)) {
        return;
      }
      var last = operation.predecessor(predecessors - 1);
      var stride = operation.predecessorStride();
      count = countReachable(operation, last, stride, count * predecessors) / predecessors;
    }
    if (count == 0) {
      return;
    }
    if (writesValue) {
      actors.get(author).extend(count);
    }
    operation.skip(count);
  }

  /**
   * Whether the predecessors of each repetition are at the place that the repetition writes. An
   * overwritten inserted element advances with the operation; any other overwritten value has one
   * place.
   */
  private static boolean predecessorsStayInPlace(OperationReader operation) {
    if (operation.isKeyed()) {
      return true;
    }
    var last = operation.predecessor(operation.predecessorCount() - 1);
    if (last == operation.element()) {
      return operation.predecessorCount() == 1
          && operation.predecessorStride() == operation.elementStride();
    }
    return operation.elementStride() == 0;
  }

  /**
   * The number of ids after {@code id}, in steps of {@code stride}, that are at the same place as
   * {@code id} and reachable; at most {@code max}. The cost is proportional to the runs that
   * contain these ids.
   */
  private int countReachable(OperationReader operation, long id, long stride, int max) {
    var actor = actorTable[OperationReader.actorOf(id)];
    var counter = OperationReader.counterOf(id);
    var runs = actors.get(actor);
    var run = runs.runOf(counter);
    if (stride == 0) {
      return max;
    }
    var isOwnLastRun = actor == author && runs.isLast(run);
    if (stride > 0 && isOwnLastRun && operation.action() != Action.DELETE) {
      return max; // each id is older than its repetition, and the repetitions extend this run
    }
    var object = runs.object(run);
    var place = runs.place(run);
    var found = 0;
    while (found < max) {
      var operationsInRun =
          stride > 0 ? runs.countAfter(run, counter) : runs.countBefore(run, counter);
      var stepsInRun = operationsInRun / Math.abs(stride);
      if (stepsInRun == 0) {
        run = runs.runOf((int) (counter + stride));
        if (run < 0 || runs.object(run) != object || runs.place(run) != place) {
          break;
        }
        stepsInRun = 1;
      }
      var steps = (int) Math.min(stepsInRun, max - found);
      counter += (int) (steps * stride);
      found += steps;
    }
    // If the newest id is reachable, all are. With a negative stride the newest is the first, which
    // was admitted already.
    return isReachable(actor, counter) ? found : 0;
  }

  /** The place that the operation writes, see {@link ActorRuns}. */
  private int placeOf(OperationReader operation, int key) {
    if (operation.isKeyed()) {
      return key;
    }
    if (operation.isInsert()) {
      return operation.action() == Action.MARK ? ActorRuns.MARKS : ActorRuns.ELEMENTS;
    }
    var actor = actorTable[OperationReader.actorOf(operation.element())];
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
    var actor = actorTable[OperationReader.actorOf(id)];
    var counter = OperationReader.counterOf(id);
    var object = actors.get(actor).objectMadeBy(counter);
    if (object < 0 || !isReachable(actor, counter)) {
      refuse("AD2", "the object that an operation refers to does not exist");
      return -1;
    }
    return object;
  }

  private boolean hasElement(OperationReader operation, int object) {
    var actor = actorTable[OperationReader.actorOf(operation.element())];
    var counter = OperationReader.counterOf(operation.element());
    var runs = actors.get(actor);
    var run = runs.runOf(counter);
    if (run < 0 || runs.object(run) != object) {
      return false;
    }
    var place = runs.place(run);
    return (place == ActorRuns.ELEMENTS || (place == ActorRuns.MARKS && operation.isInsert()))
        && isReachable(actor, counter);
  }

  private boolean overwrites(long id, OperationReader operation, int object, int key) {
    var actor = actorTable[OperationReader.actorOf(id)];
    var counter = OperationReader.counterOf(id);
    var runs = actors.get(actor);
    var run = runs.runOf(counter);
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
    return overwritten.get(at) == actorTable[OperationReader.actorOf(operation.element())]
        && overwritten.get(at + 1) == OperationReader.counterOf(operation.element());
  }

  /** Whether the operation is in the past of the staged change or earlier in the change itself. */
  private boolean isReachable(int actor, int counter) {
    if (actor == author) {
      return true; // an actor's changes form a chain, and this one is the last
    }
    var position = actors.get(actor).changePosition(counter);
    return position >= 0 && past.contains(position);
  }

  /** Refuses the staged change; only the first reason is kept. Returns false. */
  boolean refuse(String rule, String reason) {
    if (!isRefused()) {
      this.rule = rule;
      this.reason = reason;
    }
    return false;
  }
}
