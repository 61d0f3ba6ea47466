package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * <p>{@link OperationAdmission} says which references must exist, {@link StagedPast} how it is
 * known what is in a change's past.
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

  private OperationLimits limits;
  private final Map<ActorId, Integer> numbers = new HashMap<>();
  private final List<ActorRuns> actors = new ArrayList<>();
  private final ObjectTable objects = new ObjectTable();
  private final KeyTable keys = new KeyTable();
  private final StagedPast past = new StagedPast();
  private final OperationAdmission admission;

  /** The highest counter in the past of each change, its own included. */
  private final IntList maxCounters = new IntList();

  private int maxCounter;
  private long operations;

  // For the staged change.
  private @Nullable ChangeChunk staged;
  private int author;
  private boolean authorIsNew;
  private int stagedOperations;
  private int stagedMax;

  public OperationIndex(OperationLimits limits) {
    this.limits = limits;
    this.admission = new OperationAdmission(objects, keys, actors, past, limits);
    objects.add(ObjectTable.MAP, -1, NO_KEY, 0);
  }

  void limit(OperationLimits later) {
    limits = later;
    admission.limit(later);
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
    return objects.parent(object);
  }

  /** The key of the object in its parent, or {@link #NO_KEY} in a sequence. */
  public int parentKey(int object) {
    return objects.parentKey(object);
  }

  public boolean isMap(int object) {
    return objects.type(object) == ObjectTable.MAP;
  }

  public boolean isText(int object) {
    return objects.type(object) == ObjectTable.TEXT;
  }

  /** The key with this number. */
  public Bytes key(int number) {
    return keys.key(number);
  }

  /** Whether the staged change makes the object. */
  public boolean isNew(int object) {
    return objects.isNew(object);
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
        objects.heapBytes()
            + keys.heapBytes()
            + past.heapBytes()
            + admission.heapBytes()
            + maxCounters.heapBytes();
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
      ChangeChunk change, ChangeGraph changes, @Nullable OperationPolicy policy) {
    if (staged != null) {
      throw new IllegalStateException("another change is staged");
    }
    if (changes.size() != changes()) {
      throw new IllegalStateException("the graph holds changes that the index has not seen");
    }
    return OperationReader.open(change, limits)
        .flatMap(reader -> stage(change, changes, reader, policy));
  }

  private Decoding<Integer> stage(
      ChangeChunk change,
      ChangeGraph changes,
      OperationReader reader,
      @Nullable OperationPolicy policy) {
    begin(change, changes);
    if (!admission.isRefused()) {
      while (reader.next() && admission.admit(reader, policy)) {
        if (policy == null || policy.coversRepeats()) {
          admission.admitRepeats(reader);
        }
      }
      if (!admission.isRefused() && !reader.failed() && policy != null) {
        var reason = policy.end();
        if (reason != null) {
          admission.refuse("AD6", reason);
        }
      }
    }
    if (reader.failed() || admission.isRefused()) {
      rollback();
      return reader.failed()
          ? reader.malformed()
          : Decoding.malformed(admission.rule(), admission.reason());
    }
    stagedOperations = reader.count();
    return Decoding.of(reader.count());
  }

  /** Keeps the staged change, which is in the graph now. */
  public void commit() {
    var change = Objects.requireNonNull(staged, "nothing is staged");
    var last = change.startOp() + stagedOperations - 1;
    actors.get(author).commit((int) change.startOp(), changes(), (int) last);
    past.commit();
    maxCounters.add((int) Math.max(stagedMax, last));
    maxCounter = (int) Math.max(maxCounter, last);
    operations += stagedOperations;
    staged = null;
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
    keys.rollback();
    objects.rollback();
    admission.rollback();
    past.rollback();
    staged = null;
  }

  private void begin(ChangeChunk change, ChangeGraph changes) {
    staged = change;
    keys.begin();
    objects.begin();
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
    admission.begin(change, author, numbers);
    past.begin(change, changes);
    stagedMax = 0;
    for (var dependency : change.deps()) {
      stagedMax = Math.max(stagedMax, maxCounters.get(changes.position(dependency)));
    }
    if (change.startOp() <= Math.max(stagedMax, actors.get(author).maxCounter())) {
      admission.refuse(
          "AD1", "the first operation is not newer than those that the change depends on");
    }
    if (change.startOp() > (long) maxCounter + 1 + limits.gapMax()) {
      admission.refuse("AD3", "the first operation is too far ahead of the document");
    }
    var previous = actors.get(author).lastPosition();
    if (previous >= 0 && !past.contains(previous)) {
      admission.refuse("AD1", "the change does not depend on its actor's previous one");
    }
  }
}
