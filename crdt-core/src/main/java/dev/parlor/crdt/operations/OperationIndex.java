package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects, elements and values that the admitted changes of one document made, and their
 * places. It decides whether the references of a further change exist [AD2]. Used by the document's
 * worker only.
 *
 * <h2>Protocol</h2>
 *
 * {@link #stage} reads a change whose dependencies are in the graph. If it finds no fault, the
 * caller offers the change to the graph and then calls {@link #commit} or {@link #rollback}. A
 * change with a fault leaves no trace. Positions of the index are the positions of the graph.
 *
 * <h2>References that must exist</h2>
 *
 * For each operation these must exist: the object, with the type that the kind of key requires; the
 * element within that object; and every predecessor, in the same object at the same key or element.
 * All of them must be in the change's own past: in a direct or indirect dependency, or earlier in
 * the change itself. An admitted but concurrent change is not enough, since a replica that has the
 * change may lack the concurrent one and would abort.
 *
 * <h2>A summary of the past</h2>
 *
 * For each change, {@code covered} is a position below which all changes are in its past. A change
 * that depends on all heads covers all earlier changes; other changes inherit the best value of
 * their dependencies. An actor's earlier changes are always in its past. Only a reference to a
 * newer change of another actor walks the graph, over the concurrent changes.
 *
 * <h2>Memory</h2>
 *
 * Sixteen bytes for each run of operations (see {@link ActorRuns}), seventeen for each change,
 * twenty-one for each object, and each key once.
 */
public final class OperationIndex {

  /** The root, a map. */
  public static final int ROOT = 0;

  /** Used in place of a key's number for a place in a sequence. */
  public static final int NO_KEY = -1;

  private static final int MAP = 0;
  private static final int LIST = 1;
  private static final int TEXT = 2;

  private OperationLimits limits;
  private final Map<ActorId, Integer> numbers = new HashMap<>();
  private final List<ActorRuns> actors = new ArrayList<>();

  private final Map<Bytes, Integer> keyNumbers = new HashMap<>();
  private final List<Bytes> keys = new ArrayList<>();

  // Per object: its type, parent, key and depth.
  private final IntList types = new IntList();
  private final IntList parents = new IntList();
  private final IntList parentKeys = new IntList();
  private final IntList depths = new IntList();

  /** Overwritten elements, two ints each: actor and counter. */
  private final IntList overwritten = new IntList();

  // Per change.
  private final IntList maxCounters = new IntList();
  private final IntList covered = new IntList();
  private final BitSet hasChild = new BitSet();
  private int childless;
  private int maxCounter;
  private long operations;

  // For the staged change.
  private int[] table = new int[4];
  private int author;
  private boolean authorIsNew;
  private int coveredByDependencies;
  private @Nullable PositionSet past;
  private @Nullable ChangeChunk staged;
  private int stagedOperations;
  private int stagedMax;
  private int keysBefore;
  private Bytes lastKey = Bytes.EMPTY;
  private int lastKeyNumber;
  private int objectsBefore;
  private int overwrittenBefore;
  private @Nullable ChangeGraph graph;
  private String objection = "";
  private String objectionRule = "";

  public OperationIndex(OperationLimits limits) {
    this.limits = limits;
    addObject(MAP, -1, NO_KEY, 0);
  }

  void limit(OperationLimits later) {
    limits = later;
  }

  // Queries.

  /** The number of committed changes. */
  public int changes() {
    return maxCounters.size();
  }

  /** The number of their operations. */
  public long operations() {
    return operations;
  }

  /** The number of runs of operations. */
  public int runs() {
    return actors.stream().mapToInt(ActorRuns::runs).sum();
  }

  /** The parent of the object; -1 for the root. */
  public int parent(int object) {
    return parents.get(object);
  }

  /** The key of the object in its parent, or {@link #NO_KEY} in a sequence. */
  public int parentKey(int object) {
    return parentKeys.get(object);
  }

  public boolean isMap(int object) {
    return types.get(object) == MAP;
  }

  public boolean isText(int object) {
    return types.get(object) == TEXT;
  }

  /** The key with this number. */
  public Bytes key(int number) {
    return keys.get(number);
  }

  /** Whether the staged change makes the object. */
  public boolean isNew(int object) {
    return object >= objectsBefore;
  }

  /** Whether a change of the actor was committed or is staged. */
  public boolean knows(ActorId actor) {
    return numbers.containsKey(actor);
  }

  /** The actors of all changes. */
  public List<ActorId> authors() {
    return List.copyOf(numbers.keySet());
  }

  /** The approximate heap bytes of the index. */
  public long heapBytes() {
    var bytes =
        types.heapBytes()
            + parents.heapBytes()
            + parentKeys.heapBytes()
            + depths.heapBytes()
            + overwritten.heapBytes()
            + maxCounters.heapBytes()
            + covered.heapBytes()
            + hasChild.size() / 8;
    for (var key : keys) {
      bytes += 120 + key.length();
    }
    for (var actor : actors) {
      bytes += 160 + actor.heapBytes();
    }
    return bytes;
  }

  // Changes.

  /**
   * Reads the change into the index.
   *
   * @param changes the graph, which has all dependencies of the change but not the change itself
   * @return the number of its operations, or the fault; a change with a fault leaves no trace
   */
  public Decoding<Integer> stage(
      ChangeChunk change, ChangeGraph changes, @Nullable OperationPolicy oversight) {
    if (staged != null) {
      throw new IllegalStateException("another change is staged");
    }
    if (changes.size() != changes()) {
      throw new IllegalStateException("the graph holds changes that the index has not seen");
    }
    return OperationReader.open(change, limits)
        .flatMap(reader -> stage(change, changes, reader, oversight));
  }

  private Decoding<Integer> stage(
      ChangeChunk change,
      ChangeGraph changes,
      OperationReader reader,
      @Nullable OperationPolicy oversight) {
    objectionRule = "";
    begin(change, changes);
    if (objectionRule.isEmpty()) {
      while (reader.next() && admit(reader, oversight)) {
        if (oversight == null || oversight.coversRepeats()) {
          admitRepeats(reader);
        }
      }
      if (objectionRule.isEmpty() && !reader.failed() && oversight != null) {
        var reason = oversight.end();
        if (reason != null) {
          object("AD6", reason);
        }
      }
    }
    if (reader.failed() || !objectionRule.isEmpty()) {
      rollback();
      return reader.failed() ? reader.malformed() : Decoding.malformed(objectionRule, objection);
    }
    stagedOperations = reader.count();
    return Decoding.of(reader.count());
  }

  /** Keeps the staged change, which is in the graph now. */
  public void commit() {
    var change = java.util.Objects.requireNonNull(staged, "nothing is staged");
    var last = change.startOp() + stagedOperations - 1;
    var position = changes();
    var complete = isComplete(change);
    for (var dependency : change.deps()) {
      var at = graph().position(dependency);
      if (!hasChild.get(at)) {
        hasChild.set(at);
        childless--;
      }
    }
    childless++;
    maxCounters.add((int) Math.max(stagedMax, last));
    covered.add(complete ? position + 1 : coveredByDependencies);
    maxCounter = (int) Math.max(maxCounter, last);
    operations += stagedOperations;
    actors.get(author).commit((int) change.startOp(), position, (int) last);
    staged = null;
    past = null;
    graph = null;
  }

  /** Removes the staged change, which did not enter the graph. */
  public void rollback() {
    if (staged == null) {
      throw new IllegalStateException("nothing is staged");
    }
    actors.get(author).rollback();
    if (authorIsNew) {
      actors.removeLast();
      numbers.remove(staged.actor());
    }
    while (keys.size() > keysBefore) {
      keyNumbers.remove(keys.removeLast());
    }
    types.truncate(objectsBefore);
    parents.truncate(objectsBefore);
    parentKeys.truncate(objectsBefore);
    depths.truncate(objectsBefore);
    overwritten.truncate(overwrittenBefore);
    staged = null;
    past = null;
    graph = null;
  }

  private void begin(ChangeChunk change, ChangeGraph changes) {
    staged = change;
    graph = changes;
    past = null;
    keysBefore = keys.size();
    lastKey = Bytes.EMPTY; // a number may have been rolled back since; keys are not empty
    objectsBefore = types.size();
    overwrittenBefore = overwritten.size();
    var known = numbers.get(change.actor());
    authorIsNew = known == null;
    if (known == null) {
      author = actors.size();
      numbers.put(new ActorId(Bytes.wrap(change.actor().bytes().toArray())), author);
      actors.add(new ActorRuns());
    } else {
      author = known;
    }
    actors.get(author).begin();
    readTable(change);
    stagedMax = 0;
    coveredByDependencies = 0;
    for (var dependency : change.deps()) {
      var at = changes.position(dependency);
      stagedMax = Math.max(stagedMax, maxCounters.get(at));
      coveredByDependencies = Math.max(coveredByDependencies, covered.get(at));
    }
    if (isComplete(change)) {
      coveredByDependencies = changes();
    }
    if (change.startOp() <= Math.max(stagedMax, actors.get(author).maxCounter())) {
      object("AD1", "the first operation is not newer than those that the change depends on");
    }
    if (change.startOp() > (long) maxCounter + 1 + limits.gapMax()) {
      object("AD3", "the first operation is too far ahead of the document");
    }
    var previous = actors.get(author).lastPosition();
    if (previous >= 0 && !isPast(previous)) {
      object("AD1", "the change does not depend on its actor's previous one");
    }
  }

  private void readTable(ChangeChunk change) {
    var others = change.otherActors();
    if (table.length <= others.size()) {
      table = new int[others.size() + 4];
    }
    table[0] = author;
    for (var i = 0; i < others.size(); i++) {
      var number = numbers.get(others.get(i));
      if (number == null || others.get(i).equals(change.actor())) {
        object("AD2", "the change refers to an actor that has done nothing here");
        table[i + 1] = author;
      } else {
        table[i + 1] = number;
      }
    }
  }

  /** Whether the change depends on all heads. */
  private boolean isComplete(ChangeChunk change) {
    var heads = 0;
    for (var dependency : change.deps()) {
      if (!hasChild.get(graph().position(dependency))) {
        heads++;
      }
    }
    return heads == childless;
  }

  private boolean isPast(int position) {
    if (position < coveredByDependencies) {
      return true;
    }
    var change = java.util.Objects.requireNonNull(staged);
    if (past == null) {
      for (var dependency : change.deps()) {
        if (graph().position(dependency) == position) {
          return true;
        }
      }
      past = new PositionSet(coveredByDependencies);
      graph().addAncestry(change.deps(), past);
    }
    return past.contains(position);
  }

  private ChangeGraph graph() {
    return java.util.Objects.requireNonNull(graph, "nothing is staged");
  }

  // Operations.

  private boolean admit(OperationReader operation, @Nullable OperationPolicy oversight) {
    var object = objectOf(operation.object());
    if (object < 0) {
      return false;
    }
    if (operation.isKeyed() != (types.get(object) == MAP)) {
      return object("AD1", "the kind of key does not fit the type of the object");
    }
    var counter = (int) operation.counter();
    var key = NO_KEY;
    if (operation.isKeyed()) {
      key = number(operation.key());
    } else if (operation.element() != OperationReader.NONE && !hasElement(operation, object)) {
      return object("AD2", "an element that is referred to is not there");
    }
    if (operation.action() == Action.MARK && types.get(object) == MAP) {
      return object("AD1", "only text and lists bear marks");
    }
    for (var i = 0; i < operation.predecessorCount(); i++) {
      if (!overwrites(operation.predecessor(i), operation, object, key)) {
        return object("AD2", "a value that is overwritten is not there");
      }
    }
    var made = -1;
    if (operation.action().makes()) {
      var depth = depths.get(object) + 1;
      if (depth > limits.depthMax()) {
        return object("AD3", "objects nest at most " + limits.depthMax() + " levels");
      }
      made = addObject(typeOf(operation.action()), object, key, depth);
      actors.get(author).made(counter, made);
    }
    if (operation.action() != Action.DELETE && operation.action() != Action.INCREMENT) {
      actors.get(author).add(counter, object, place(operation, key));
    }
    if (oversight != null) {
      var reason = oversight.operation(operation, object, key, made);
      if (reason != null) {
        return object("AD6", reason);
      }
    }
    return true;
  }

  /**
   * Admits the repetitions of the last operation at once, as far as the same answer holds for them;
   * the others are admitted one by one. Without this, half a million operations in a hundred bytes
   * would delay the document.
   */
  private void admitRepeats(OperationReader operation) {
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
      case MAKE_MAP -> MAP;
      case MAKE_LIST -> LIST;
      case MAKE_TEXT -> TEXT;
      case SET, DELETE, INCREMENT, MARK -> throw new IllegalArgumentException();
    };
  }

  private int addObject(int type, int parent, int key, int depth) {
    types.add(type);
    parents.add(parent);
    parentKeys.add(key);
    depths.add(depth);
    return types.size() - 1;
  }

  /** Operations of a run share one instance of the key, so the key is looked up once. */
  @SuppressWarnings("ReferenceEquality") // equal bytes of another instance are merely looked up
  private int number(Bytes key) {
    if (key == lastKey) {
      return lastKeyNumber;
    }
    var known = keyNumbers.get(key);
    if (known == null) {
      known = keys.size();
      var owned = Bytes.wrap(key.toArray());
      keyNumbers.put(owned, known);
      keys.add(owned);
    }
    lastKey = key;
    lastKeyNumber = known;
    return known;
  }

  /** The object's number, or -1 if the operation was refused. */
  private int objectOf(long id) {
    if (id == OperationReader.NONE) {
      return ROOT;
    }
    var actor = table[OperationReader.actorOf(id)];
    var counter = OperationReader.counterOf(id);
    var object = actors.get(actor).objectMade(counter);
    if (object < 0 || !isReachable(actor, counter)) {
      object("AD2", "an object that is referred to is not there");
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
    return position >= 0 && isPast(position);
  }

  private boolean object(String rule, String reason) {
    if (objectionRule.isEmpty()) {
      objectionRule = rule;
      objection = reason;
    }
    return false;
  }
}
