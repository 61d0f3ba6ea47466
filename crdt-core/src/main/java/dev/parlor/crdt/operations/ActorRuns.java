package dev.parlor.crdt.operations;

/**
 * The operations of one actor, as runs. A run has consecutive counters, one object and one place. A
 * place is the number of a map key, or one of the constants below. Text typed without interruption
 * is one run, even if it took several changes. Deletions and increments are not kept, since no
 * operation may refer to them.
 */
final class ActorRuns {

  /** The place of insertions into a text or list. */
  static final int ELEMENTS = -1;

  /** The place of marks. A mark is in the sequence like an element, but is never overwritten. */
  static final int MARKS = -2;

  /**
   * The place of values that overwrite the first element in the list of overwritten elements that
   * {@link OperationAdmission} keeps. Values that overwrite the element at index {@code n} of this
   * list have the place {@code OVERWRITTEN - n}.
   */
  static final int OVERWRITTEN = -3;

  /** The approximate heap bytes of this object without its lists. */
  private static final int OWN_BYTES = 72;

  private final IntList starts = new IntList();
  private final IntList lengths = new IntList();
  private final IntList objects = new IntList();
  private final IntList places = new IntList();

  /** Counter and object number of each operation that made an object. */
  private final IntList madeCounters = new IntList();

  private final IntList madeObjects = new IntList();

  /** First counter and graph position of each change of the actor, in the order of the changes. */
  private final IntList changeStarts = new IntList();

  private final IntList changePositions = new IntList();

  private int maxCounter;

  /**
   * The run that the last lookup found; the next lookup often finds it too. A rollback may have
   * removed it.
   */
  private int lastFoundRun;

  /** The sizes before the staged change, for a rollback. */
  private int rollbackRunCount;

  private int rollbackLastLength;
  private int rollbackMadeCount;

  /** Begins a change: its operations are added until {@link #commit} or {@link #rollback}. */
  void begin() {
    rollbackRunCount = starts.size();
    rollbackLastLength = rollbackRunCount == 0 ? 0 : lengths.get(rollbackRunCount - 1);
    rollbackMadeCount = madeCounters.size();
  }

  /** Removes the operations added since {@link #begin}. */
  void rollback() {
    starts.truncate(rollbackRunCount);
    lengths.truncate(rollbackRunCount);
    objects.truncate(rollbackRunCount);
    places.truncate(rollbackRunCount);
    if (rollbackRunCount > 0) {
      lengths.set(rollbackRunCount - 1, rollbackLastLength);
    }
    madeCounters.truncate(rollbackMadeCount);
    madeObjects.truncate(rollbackMadeCount);
  }

  /** Keeps the operations added since {@link #begin}; their change has this graph position. */
  void commit(int firstCounter, int changePosition, int lastCounter) {
    changeStarts.add(firstCounter);
    changePositions.add(changePosition);
    maxCounter = Math.max(maxCounter, lastCounter);
  }

  /** Adds an operation: to the last run, or to a new run if it does not continue the last one. */
  void add(int counter, int object, int place) {
    var last = starts.size() - 1;
    if (last >= 0
        && starts.get(last) + lengths.get(last) == counter
        && objects.get(last) == object
        && places.get(last) == place) {
      lengths.set(last, lengths.get(last) + 1);
      return;
    }
    starts.add(counter);
    lengths.add(1);
    objects.add(object);
    places.add(place);
  }

  /** Adds {@code count} operations to the last run. */
  void extend(int count) {
    var last = starts.size() - 1;
    lengths.set(last, lengths.get(last) + count);
  }

  /** Records that the operation with this counter made this object. */
  void addObject(int counter, int object) {
    madeCounters.add(counter);
    madeObjects.add(object);
  }

  /** The run that contains the operation, or -1. */
  int runOf(int counter) {
    if (contains(lastFoundRun, counter)) {
      return lastFoundRun;
    }
    var run = starts.floor(counter);
    if (!contains(run, counter)) {
      return -1;
    }
    lastFoundRun = run;
    return run;
  }

  private boolean contains(int run, int counter) {
    if (run < 0 || run >= starts.size()) {
      return false;
    }
    var offset = counter - starts.get(run);
    return offset >= 0 && offset < lengths.get(run);
  }

  /** The number of operations in the run after the operation with this counter. */
  int countAfter(int run, int counter) {
    return starts.get(run) + lengths.get(run) - 1 - counter;
  }

  /** The number of operations in the run before the operation with this counter. */
  int countBefore(int run, int counter) {
    return counter - starts.get(run);
  }

  boolean isLast(int run) {
    return run == starts.size() - 1;
  }

  int object(int run) {
    return objects.get(run);
  }

  int place(int run) {
    return places.get(run);
  }

  /** The object that the operation made, or -1. */
  int objectMadeBy(int counter) {
    var index = madeCounters.floor(counter);
    return index >= 0 && madeCounters.get(index) == counter ? madeObjects.get(index) : -1;
  }

  /** The graph position of the operation's change; -1 if the change is not admitted yet. */
  int changePosition(int counter) {
    return counter > maxCounter ? -1 : changePositions.get(changeStarts.floor(counter));
  }

  /** The graph position of the actor's last change, or -1. */
  int lastChangePosition() {
    return changePositions.size() == 0 ? -1 : changePositions.get(changePositions.size() - 1);
  }

  /** The highest counter of the actor's changes. */
  int maxCounter() {
    return maxCounter;
  }

  int runCount() {
    return starts.size();
  }

  long heapBytes() {
    return OWN_BYTES
        + starts.heapBytes()
        + lengths.heapBytes()
        + objects.heapBytes()
        + places.heapBytes()
        + madeCounters.heapBytes()
        + madeObjects.heapBytes()
        + changeStarts.heapBytes()
        + changePositions.heapBytes();
  }
}
