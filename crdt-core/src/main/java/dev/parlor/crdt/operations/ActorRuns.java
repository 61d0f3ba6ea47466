package dev.parlor.crdt.operations;

/**
 * The operations of one actor, as runs. A run has consecutive counters, one object and one place: a
 * map key, or one of the constants below. Text typed without interruption is one run, even if it
 * took several changes. Deletions and increments are not kept, since no operation may refer to
 * them.
 */
final class ActorRuns {

  /** The place of insertions into a text or list. */
  static final int ELEMENTS = -1;

  /** The place of marks. A mark is in the sequence like an element, but is never overwritten. */
  static final int MARKS = -2;

  /**
   * The first place of values that overwrite an element. Overwritten element number {@code n} in
   * {@link OperationAdmission} has the place {@code OVERWRITTEN - n}.
   */
  static final int OVERWRITTEN = -3;

  private final IntList starts = new IntList();
  private final IntList lengths = new IntList();
  private final IntList objects = new IntList();

  /** The place of each run: the number of a key, or one of the constants. */
  private final IntList places = new IntList();

  /** Counter and object number of each operation that made an object. */
  private final IntList madeCounters = new IntList();

  private final IntList madeObjects = new IntList();

  /** First counter and log position of each change of the actor, in the order of the changes. */
  private final IntList changeStarts = new IntList();

  private final IntList changePositions = new IntList();

  private int maxCounter;

  /** The result of the last lookup, which often is needed again. A rollback may have removed it. */
  private int lastFoundRun;

  /** The sizes before the staged change, for a rollback. */
  private int runCountBefore;

  private int lastLengthBefore;
  private int madeCountBefore;

  void begin() {
    runCountBefore = starts.size();
    lastLengthBefore = runCountBefore == 0 ? 0 : lengths.get(runCountBefore - 1);
    madeCountBefore = madeCounters.size();
  }

  void rollback() {
    starts.truncate(runCountBefore);
    lengths.truncate(runCountBefore);
    objects.truncate(runCountBefore);
    places.truncate(runCountBefore);
    if (runCountBefore > 0) {
      lengths.set(runCountBefore - 1, lastLengthBefore);
    }
    madeCounters.truncate(madeCountBefore);
    madeObjects.truncate(madeCountBefore);
  }

  void commit(int firstCounter, int position, int lastCounter) {
    changeStarts.add(firstCounter);
    changePositions.add(position);
    maxCounter = Math.max(maxCounter, lastCounter);
  }

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
    var at = counter - starts.get(run);
    return at >= 0 && at < lengths.get(run);
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
    var at = madeCounters.floor(counter);
    return at >= 0 && madeCounters.get(at) == counter ? madeObjects.get(at) : -1;
  }

  /** The log position of the operation's change; -1 if the change is not admitted yet. */
  int changePosition(int counter) {
    return counter > maxCounter ? -1 : changePositions.get(changeStarts.floor(counter));
  }

  /** The log position of the actor's last change, or -1. */
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
    return 72
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
