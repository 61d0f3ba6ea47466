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
 * The objects, elements and values of the admitted changes of one document. It checks that
 * everything that a further change refers to exists [AD2]. Used by the document's worker only.
 *
 * <h2>Protocol</h2>
 *
 * {@link #stage} reads a change whose dependencies are in the graph. If it finds no fault, the
 * caller offers the change to the graph and then calls {@link #commit} or {@link #rollback}. A
 * change with a fault leaves no trace. Positions of the index are the positions of the graph.
 *
 * <p>{@link OperationAdmission} defines which references must exist. {@link StagedPast} finds out
 * whether a change is in the past of the staged change.
 *
 * <h2>Memory</h2>
 *
 * Sixteen bytes for each run of operations (see {@link ActorRuns}), seventeen for each change,
 * twenty-one for each object, and each key once.
 */
public final class OperationIndex {

  /** The root, a map. */
  public static final int ROOT = 0;

  /** Used instead of a key's number in a text or list. */
  public static final int NO_KEY = -1;

  private OperationLimits limits;
  private final Map<ActorId, Integer> actorNumbers = new HashMap<>();
  private final List<ActorRuns> actors = new ArrayList<>();
  private final ObjectTable objects = new ObjectTable();
  private final KeyTable keys = new KeyTable();
  private final StagedPast past = new StagedPast();
  private final OperationAdmission admission;

  /** The highest counter of each change and of its past. */
  private final IntList maxCounters = new IntList();

  private int maxCounter;
  private long operations;

  // For the staged change.
  private @Nullable ChangeChunk staged;
  private int author;
  private boolean authorIsNew;
  private int stagedOperations;
  private int maxCounterOfDependencies;

  public OperationIndex(OperationLimits limits) {
    this.limits = limits;
    this.admission = new OperationAdmission(objects, keys, actors, past, limits);
    objects.add(ObjectTable.MAP, -1, NO_KEY, 0);
  }

  void limit(OperationLimits limits) {
    this.limits = limits;
    admission.limit(limits);
  }

  // Queries.

  /** The number of committed changes. */
  public int changes() {
    return maxCounters.size();
  }

  /** The number of operations of the committed changes. */
  public long operations() {
    return operations;
  }

  /** The number of runs of operations. */
  public int runs() {
    return actors.stream().mapToInt(ActorRuns::runCount).sum();
  }

  /** The parent of the object; -1 for the root. */
  public int parent(int object) {
    return objects.parent(object);
  }

  /** The key of the object in its parent, or {@link #NO_KEY} in a list. */
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

  /** Whether a change of the actor is committed or staged. */
  public boolean knows(ActorId actor) {
    return actorNumbers.containsKey(actor);
  }

  /** The actors of all changes. */
  public List<ActorId> authors() {
    return List.copyOf(actorNumbers.keySet());
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
      throw new IllegalStateException("the graph has changes that the index lacks");
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
        var reason = policy.checkEnd();
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
    maxCounters.add((int) Math.max(maxCounterOfDependencies, last));
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
      actorNumbers.remove(staged.actor());
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
    var number = actorNumbers.get(change.actor());
    authorIsNew = number == null;
    if (number == null) {
      author = actors.size();
      actorNumbers.put(new ActorId(Bytes.wrap(change.actor().bytes().toArray())), author);
      actors.add(new ActorRuns());
    } else {
      author = number;
    }
    actors.get(author).begin();
    admission.begin(change, author, actorNumbers);
    past.begin(change, changes);
    maxCounterOfDependencies = 0;
    for (var dependency : change.deps()) {
      maxCounterOfDependencies =
          Math.max(maxCounterOfDependencies, maxCounters.get(changes.position(dependency)));
    }
    if (change.startOp() <= Math.max(maxCounterOfDependencies, actors.get(author).maxCounter())) {
      admission.refuse(
          "AD1", "the first operation is not newer than the operations of the dependencies");
    }
    if (change.startOp() > (long) maxCounter + 1 + limits.counterGapMax()) {
      admission.refuse("AD3", "the first operation is too far ahead of the document");
    }
    var previous = actors.get(author).lastChangePosition();
    if (previous >= 0 && !past.contains(previous)) {
      admission.refuse("AD1", "the change does not depend on the previous change of its actor");
    }
  }
}
