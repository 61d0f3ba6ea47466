package dev.parlor.crdt.operations;

/**
 * The operations of one actor, as runs with consecutive counters at the same place. A typed word is
 * one run, even if it took several changes. Deletions and increments are not kept, since no
 * operation may refer to them.
 */
final class ActorRuns {

  /** The place of inserted elements: each element is its own place. */
  static final int ELEMENTS = -1;

  /** The place of marks: they are in the sequence like elements, but are never overwritten. */
  static final int MARKS = -2;

  /** Places at or below this are overwritten elements, by their number in the index. */
  static final int OVERWRITTEN = -3;

  private final IntList starts = new IntList();
  private final IntList lengths = new IntList();
  private final IntList objects = new IntList();

  /** A key's number, or one of the constants. */
  private final IntList places = new IntList();

  private final IntList madeCounters = new IntList();
  private final IntList madeObjects = new IntList();

  /** First counters and log positions of its changes, by sequence number. */
  private final IntList changeStarts = new IntList();

  private final IntList changePositions = new IntList();

  private int maxCounter;

  /** The run found by the last lookup, which often is needed again. It may be gone. */
  private int found;

  /** The lengths before a change that may be rolled back. */
  private int runsBefore;

  private int lastLengthBefore;
  private int madeBefore;

  void begin() {
    runsBefore = starts.size();
    lastLengthBefore = runsBefore == 0 ? 0 : lengths.get(runsBefore - 1);
    madeBefore = madeCounters.size();
  }

  void rollback() {
    starts.truncate(runsBefore);
    lengths.truncate(runsBefore);
    objects.truncate(runsBefore);
    places.truncate(runsBefore);
    if (runsBefore > 0) {
      lengths.set(runsBefore - 1, lastLengthBefore);
    }
    madeCounters.truncate(madeBefore);
    madeObjects.truncate(madeBefore);
  }

  void commit(int start, int position, int last) {
    changeStarts.add(start);
    changePositions.add(position);
    maxCounter = Math.max(maxCounter, last);
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

  /** Adds operations directly after the last one, at the same place. */
  void extend(int count) {
    var last = starts.size() - 1;
    lengths.set(last, lengths.get(last) + count);
  }

  void made(int counter, int object) {
    madeCounters.add(counter);
    madeObjects.add(object);
  }

  /** The run that holds the operation, or -1. */
  int run(int counter) {
    if (holds(found, counter)) {
      return found;
    }
    var run = starts.floor(counter);
    if (!holds(run, counter)) {
      return -1;
    }
    found = run;
    return run;
  }

  private boolean holds(int run, int counter) {
    if (run < 0 || run >= starts.size()) {
      return false;
    }
    var at = counter - starts.get(run);
    return at >= 0 && at < lengths.get(run);
  }

  /** The number of operations of the run after this one. */
  int after(int run, int counter) {
    return starts.get(run) + lengths.get(run) - 1 - counter;
  }

  /** The number of operations of the run before this one. */
  int before(int run, int counter) {
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
  int objectMade(int counter) {
    var at = madeCounters.floor(counter);
    return at >= 0 && madeCounters.get(at) == counter ? madeObjects.get(at) : -1;
  }

  /** The log position of the operation's change; -1 if it is not admitted yet. */
  int position(int counter) {
    return counter > maxCounter ? -1 : changePositions.get(changeStarts.floor(counter));
  }

  /** The log position of its last change, or -1. */
  int lastPosition() {
    return changePositions.size() == 0 ? -1 : changePositions.get(changePositions.size() - 1);
  }

  /** The highest counter that its changes have used. */
  int maxCounter() {
    return maxCounter;
  }

  int runs() {
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
