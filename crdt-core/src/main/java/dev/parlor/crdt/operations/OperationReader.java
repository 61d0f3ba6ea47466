package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.Arrays;

/**
 * Reads the operations of one change and makes all checks that need no other change [AD1]: the
 * canonical encoding, known actions with suitable values, one kind of key, actors within the
 * change's own table, predecessors in ascending order, and limits [AD3].
 *
 * <p>One reader serves all operations: after each {@link #next} its methods describe the current
 * operation. If {@link #next} returns false, {@link #failed} tells a fault from the end of the
 * change. Actors are indices into the change's table: 0 is the author, then {@link
 * ChangeChunk#otherActors}.
 *
 * <p>The class is long because all columns advance together. Every operation of every change passes
 * through these methods, so they work on the columns directly.
 *
 * <p>Source: Automerge binary document format, "Operation columns". Some checks are stricter: they
 * refuse a change that Automerge would not rebuild byte for byte from a saved document.
 */
public final class OperationReader {

  /** No object (the root), or no element (the head of a sequence). */
  public static final long NONE = -1;

  /** Types of values, as encoded. */
  public static final int NULL = 0;

  public static final int FALSE = 1;
  public static final int TRUE = 2;
  public static final int UINT = 3;
  public static final int INT = 4;
  public static final int FLOAT = 5;
  public static final int STRING = 6;
  public static final int BYTES = 7;
  public static final int COUNTER = 8;
  public static final int TIMESTAMP = 9;

  /** JavaScript stores milliseconds in a double, which is exact up to 2^53. */
  private static final long TIME_MAX = 1L << 53;

  private final ChangeChunk change;
  private final OperationLimits limits;
  private final long operationsMax;
  private final long nonRepeatsMax;
  private final Fault fault;
  private final int actorCount;
  private final boolean[] isReferenced;
  private final int authorRank;

  private final NumberColumn objectActors;
  private final NumberColumn objectCounters;
  private final NumberColumn keyActors;
  private final NumberColumn keyCounters;
  private final TextColumn keyStrings;
  private final FlagColumn inserts;
  private final NumberColumn actions;
  private final ValueColumn values;
  private final NumberColumn groups;
  private final NumberColumn predecessorActors;
  private final NumberColumn predecessorCounters;
  private final FlagColumn expands;
  private final TextColumn markNames;

  private int count;

  /** Operations and predecessors read so far. */
  private long cost;

  private long nonRepeats;
  private long object;
  private boolean isKeyed;
  private long element;
  private boolean isInsert;
  private Action action = Action.SET;
  private long[] predecessors = new long[4];
  private int predecessorCount;
  private boolean isExpanding;
  private boolean hasMarkName;
  private boolean markOpen;
  private long markObject;

  private OperationReader(
      ChangeChunk change, ChangeColumns columns, OperationLimits limits, Fault fault) {
    this.change = change;
    this.limits = limits;
    this.operationsMax = limits.operationsMaxOf(change.plain().length());
    this.nonRepeatsMax = limits.nonRepeatsMaxOf(change.plain().length());
    this.fault = fault;
    this.actorCount = change.otherActors().size() + 1;
    this.isReferenced = new boolean[actorCount];
    this.authorRank = rankOfAuthor(change.actor(), change);
    objectActors = numbers(columns, ChangeColumns.OBJECT_ACTOR, "object actor");
    objectCounters = numbers(columns, ChangeColumns.OBJECT_COUNTER, "object counter");
    keyActors = numbers(columns, ChangeColumns.KEY_ACTOR, "key actor");
    keyCounters = differences(columns, ChangeColumns.KEY_COUNTER, "key counter");
    keyStrings = texts(columns, ChangeColumns.KEY_STRING, "key string");
    inserts = new FlagColumn(bytes(columns, ChangeColumns.INSERT), fault, "insert");
    actions = numbers(columns, ChangeColumns.ACTION, "action");
    values =
        new ValueColumn(
            numbers(columns, ChangeColumns.VALUE_META, "value metadata"),
            bytes(columns, ChangeColumns.VALUE_RAW),
            fault,
            limits.textBytesMax());
    groups = numbers(columns, ChangeColumns.PREDECESSOR_GROUP, "predecessor group");
    predecessorActors = numbers(columns, ChangeColumns.PREDECESSOR_ACTOR, "pred actor");
    predecessorCounters = differences(columns, ChangeColumns.PREDECESSOR_COUNTER, "pred counter");
    expands = new FlagColumn(bytes(columns, ChangeColumns.EXPAND), fault, "expand");
    markNames = texts(columns, ChangeColumns.MARK_NAME, "mark name");
  }

  private NumberColumn numbers(ChangeColumns columns, int column, String name) {
    return new NumberColumn(bytes(columns, column), fault, name, false);
  }

  private NumberColumn differences(ChangeColumns columns, int column, String name) {
    return new NumberColumn(bytes(columns, column), fault, name, true);
  }

  private TextColumn texts(ChangeColumns columns, int column, String name) {
    return new TextColumn(bytes(columns, column), fault, name, limits.keyBytesMax());
  }

  private ColumnBytes bytes(ChangeColumns columns, int column) {
    return new ColumnBytes(columns.column(column), fault);
  }

  /** Reads the column table. The operations are read one by one and may still be malformed. */
  public static Decoding<OperationReader> open(ChangeChunk change, OperationLimits limits) {
    var fault = new Fault();
    var columns = ChangeColumns.read(change.columns(), fault);
    if (change.time() > TIME_MAX || change.time() < -TIME_MAX) {
      fault.recordMalformed("the time is beyond 2^53 milliseconds");
    }
    if (fault.isPresent()) {
      return fault.malformed();
    }
    // Refuse excessive run lengths before any operation is read.
    var operationsMax = limits.operationsMaxOf(change.plain().length());
    if (DeclaredCost.of(columns, operationsMax + 1) > operationsMax) {
      fault.record("AD3", "a change has at most " + operationsMax + " operations");
      return fault.malformed();
    }
    return Decoding.of(new OperationReader(change, columns, limits, fault));
  }

  /** Reads the whole change and returns the number of its operations. */
  public static Decoding<Integer> check(ChangeChunk change, OperationLimits limits) {
    return open(change, limits).flatMap(OperationReader::readAll);
  }

  private Decoding<Integer> readAll() {
    while (next()) {
      skip(repeats());
    }
    return failed() ? fault.malformed() : Decoding.of(count);
  }

  /** Reads the next operation; false at the end and at a fault. */
  public boolean next() {
    if (fault.isPresent()) {
      return false;
    }
    if (actions.atEnd()) {
      finish();
      return false;
    }
    var nextAction = Action.of(actions.next());
    if (nextAction == null) {
      fault.recordMalformed("an action is unknown");
      return false;
    }
    action = nextAction;
    count++;
    if (++cost > operationsMax) {
      fault.record("AD3", "a change has at most " + operationsMax + " operations");
    }
    countNonRepeats(1);
    if (counter() > Integer.MAX_VALUE) {
      fault.recordMalformed("a counter is negative or above 31 bits");
    }
    readObject();
    readKey();
    values.next();
    readPredecessors();
    isExpanding = expands.next();
    hasMarkName = markNames.step();
    checkMark();
    checkAction();
    return !fault.isPresent();
  }

  /**
   * Counts operations and predecessors that are not repetitions. Their limit is lower than the
   * limit with repetitions.
   */
  private void countNonRepeats(long count) {
    nonRepeats += count;
    if (nonRepeats > nonRepeatsMax) {
      fault.record(
          "AD3",
          "a change of this length has at most "
              + nonRepeatsMax
              + " operations and predecessors that are no repetitions");
    }
  }

  /**
   * The number of following operations that repeat the current operation: the same action on the
   * same object without value bytes, either at the same key, or at elements of one actor whose
   * counters have a fixed stride. Each has as many predecessors as the current operation, of one
   * actor and also with a fixed stride. They pass all checks of {@link #next}. The number is 0 for
   * operations that make objects, set marks or increment.
   */
  public int repeats() {
    var count = actions.repeats();
    if (count == 0 || fault.isPresent() || (action != Action.SET && action != Action.DELETE)) {
      return 0;
    }
    count = Math.min(count, objectActors.repeats());
    count = Math.min(count, objectCounters.repeats());
    count = Math.min(count, keyActors.repeats());
    count = Math.min(count, keyCounters.repeats());
    count = Math.min(count, keyStrings.repeats());
    count = Math.min(count, inserts.repeats());
    count = Math.min(count, values.repeats());
    count = Math.min(count, groups.repeats());
    count = Math.min(count, expands.repeats());
    count = Math.min(count, markNames.repeats());
    if (element != NONE) {
      count = Math.min(count, stepsWithinBounds(counterOf(element), elementStride(), 1));
    } else if (!isKeyed && elementStride() != 0) {
      return 0;
    }
    if (predecessorCount > 0) {
      var stride = predecessorStride();
      if (predecessorCount > 1 && stride < 1) {
        return 0; // not ascending
      }
      count = Math.min(count, predecessorActors.repeats() / predecessorCount);
      count = Math.min(count, predecessorCounters.repeats() / predecessorCount);
      count =
          Math.min(
              count, stepsWithinBounds(counterOf(lastPredecessor()), stride, predecessorCount));
    }
    count = Math.min(count, (operationsMax - cost) / (1 + predecessorCount));
    return (int) Math.min(count, Integer.MAX_VALUE - counter());
  }

  /**
   * The number of repetitions for which the counters that they refer to stay above 0 and below the
   * counter of the repetition. The counters start after {@code from} and advance by {@code stride},
   * {@code perOperation} times for each repetition.
   */
  private long stepsWithinBounds(long from, long stride, int perOperation) {
    if (stride < 0) {
      return (from - 1) / (-stride * perOperation);
    }
    var approach = stride * perOperation - 1; // the operation's own counter advances by 1
    return approach <= 0 ? Long.MAX_VALUE : (counter() - 1 - from) / approach;
  }

  /** The difference between the element counters of consecutive {@link #repeats}. */
  public long elementStride() {
    return keyCounters.stride();
  }

  /** The difference between consecutive predecessor counters of {@link #repeats}. */
  public long predecessorStride() {
    return predecessorCounters.stride();
  }

  private long lastPredecessor() {
    return predecessors[predecessorCount - 1];
  }

  /**
   * Skips repetitions at once; the last of them becomes the current operation.
   *
   * @param repeated the number of repetitions, at most {@link #repeats}
   */
  public void skip(int repeated) {
    if (repeated == 0) {
      return;
    }
    count += repeated;
    cost += repeated * (1L + predecessorCount);
    objectActors.skip(repeated);
    objectCounters.skip(repeated);
    keyActors.skip(repeated);
    keyCounters.skip(repeated);
    keyStrings.skip(repeated);
    inserts.skip(repeated);
    actions.skip(repeated);
    values.skip(repeated);
    groups.skip(repeated);
    expands.skip(repeated);
    markNames.skip(repeated);
    if (element != NONE) {
      element += repeated * elementStride();
    }
    if (predecessorCount > 0) {
      var all = repeated * (long) predecessorCount;
      predecessorActors.skip(all);
      predecessorCounters.skip(all);
      var last = lastPredecessor() + all * predecessorStride();
      for (var i = 0; i < predecessorCount; i++) {
        predecessors[i] = last - (predecessorCount - 1 - i) * predecessorStride();
      }
    }
  }

  /** Whether the change has a fault; {@link #malformed} describes it. */
  public boolean failed() {
    return fault.isPresent();
  }

  /** The fault; call it only if {@link #failed} is true. */
  public <T> Decoding<T> malformed() {
    return fault.malformed();
  }

  /** The number of operations read so far. */
  public int count() {
    return count;
  }

  /** The author of the operations. */
  public ActorId author() {
    return change.actor();
  }

  /**
   * The counter of the current operation. The counter and {@link #author} are the operation's id.
   */
  public long counter() {
    return change.startOp() + count - 1;
  }

  /** The object's id as {@link #pack} makes it, or {@link #NONE} for the root. */
  public long object() {
    return object;
  }

  /** Whether the key is a string, so that the object must be a map; otherwise it is an element. */
  public boolean isKeyed() {
    return isKeyed;
  }

  /** The map key; only if {@link #isKeyed}. */
  public Bytes key() {
    return keyStrings.value();
  }

  /** The element's packed id, or {@link #NONE} for the head; only if not {@link #isKeyed}. */
  public long element() {
    return element;
  }

  /** Whether the operation inserts a new element after {@link #element}. */
  public boolean isInsert() {
    return isInsert;
  }

  public Action action() {
    return action;
  }

  /** One of {@link #NULL} to {@link #TIMESTAMP}. */
  public int valueType() {
    return values.type();
  }

  /** The value's bytes, as encoded; for a string its UTF-8. */
  public Bytes value() {
    return values.raw();
  }

  public int predecessorCount() {
    return predecessorCount;
  }

  /** The packed id of a predecessor; ids ascend by counter, then by actor bytes. */
  public long predecessor(int index) {
    return predecessors[index];
  }

  /** The name of a mark at its beginning; otherwise empty. */
  public Bytes markName() {
    return hasMarkName ? markNames.value() : Bytes.EMPTY;
  }

  /** Whether a mark includes text that is typed at this end of the mark. */
  public boolean expands() {
    return isExpanding;
  }

  /** Packs an id: the actor index in the high 32 bits, the counter in the low 32 bits. */
  public static long pack(long actor, long counter) {
    return actor << 32 | counter;
  }

  public static int actorOf(long id) {
    return (int) (id >>> 32);
  }

  public static int counterOf(long id) {
    return (int) id;
  }

  private void readObject() {
    var actor = objectActors.next();
    var counter = objectCounters.next();
    if (actor == NumberColumn.NULL && counter == NumberColumn.NULL) {
      object = NONE;
    } else {
      object = reference(actor, counter, "an object");
    }
  }

  private void readKey() {
    var actor = keyActors.next();
    var counter = keyCounters.next();
    isKeyed = keyStrings.step();
    isInsert = inserts.next();
    element = NONE;
    if (isKeyed) {
      if (actor != NumberColumn.NULL || counter != NumberColumn.NULL || isInsert) {
        fault.recordMalformed("a key is a string and an element at once");
      }
    } else if (counter == 0 && actor == NumberColumn.NULL) {
      if (!isInsert) {
        fault.recordMalformed("only an insertion can refer to the head");
      }
    } else {
      element = reference(actor, counter, "an element");
    }
  }

  private long reference(long actor, long counter, String subject) {
    if (actor == NumberColumn.NULL || counter == NumberColumn.NULL) {
      fault.recordMalformed(subject + " has only an actor or only a counter");
      return NONE;
    }
    if (actor >= actorCount) {
      fault.recordMalformed(subject + " is of an actor outside the change's table");
      return NONE;
    }
    if (counter < 1 || counter >= counter()) {
      fault.recordMalformed(subject + " is not older than the operation that refers to it");
      return NONE;
    }
    isReferenced[(int) actor] = true;
    return pack(actor, counter);
  }

  private void readPredecessors() {
    var size = groups.next();
    predecessorCount = 0;
    if (size == 0) {
      return;
    }
    if (size == NumberColumn.NULL) {
      fault.recordMalformed("the number of predecessors is missing");
      return;
    }
    cost += size;
    countNonRepeats(size);
    if (size > limits.predecessorsMax() || cost > operationsMax) {
      fault.record(
          "AD3",
          "an operation has at most "
              + limits.predecessorsMax()
              + " predecessors, a change "
              + operationsMax
              + " with its operations");
      return;
    }
    for (var i = 0; i < size && !fault.isPresent(); i++) {
      var id = reference(predecessorActors.next(), predecessorCounters.next(), "a predecessor");
      if (i > 0 && !ascending(predecessors[i - 1], id)) {
        fault.recordMalformed("predecessors are not in ascending order");
      }
      if (i == predecessors.length) {
        predecessors = Arrays.copyOf(predecessors, i * 2);
      }
      predecessors[i] = id;
      predecessorCount++;
    }
  }

  /** Compares ids by counter, then by the bytes of the actor. */
  private boolean ascending(long before, long after) {
    if (counterOf(before) != counterOf(after)) {
      return counterOf(before) < counterOf(after);
    }
    return rank(actorOf(before)) < rank(actorOf(after));
  }

  /**
   * The position of an actor in the byte order; other actors have even ranks, the author an odd.
   */
  private int rank(int actor) {
    return actor == 0 ? authorRank : 2 * actor;
  }

  private static int rankOfAuthor(ActorId author, ChangeChunk change) {
    var lowerActors = 0;
    for (var other : change.otherActors()) {
      if (other.compareTo(author) < 0) {
        lowerActors++;
      }
    }
    return 2 * lowerActors + 1;
  }

  /** Checks that a mark has a beginning with a name, directly followed by an end without a name. */
  private void checkMark() {
    if (action != Action.MARK) {
      if (hasMarkName || isExpanding) {
        fault.recordMalformed("only a mark has a name or expands");
      }
      if (markOpen) {
        fault.recordMalformed("a mark has a beginning without an end");
      }
    } else if (hasMarkName == markOpen || (markOpen && object != markObject)) {
      fault.recordMalformed("a mark's beginning and end do not follow each other");
    } else {
      markOpen = hasMarkName;
      markObject = object;
    }
  }

  private void checkAction() {
    var isInvalid =
        switch (action) {
          case MAKE_MAP, MAKE_LIST, MAKE_TEXT -> values.type() != NULL;
          case SET -> false;
          case DELETE -> values.type() != NULL || isInsert || predecessorCount == 0;
          case INCREMENT -> values.type() != INT || isInsert || predecessorCount == 0;
          case MARK -> !isInsert || (!markOpen && values.type() != NULL);
        };
    if (isInvalid) {
      fault.recordMalformed("an operation's value or key does not fit its action");
    }
    if (isInsert && predecessorCount > 0) {
      fault.recordMalformed("an insertion must not have predecessors");
    }
  }

  private void finish() {
    objectActors.finish();
    objectCounters.finish();
    keyActors.finish();
    keyCounters.finish();
    keyStrings.finish();
    inserts.finish();
    values.finish();
    groups.finish();
    predecessorActors.finish();
    predecessorCounters.finish();
    expands.finish();
    markNames.finish();
    if (!expands.isEmpty() && !expands.hasTrue()) {
      fault.recordMalformed("the column expand is all false");
    }
    if (count > 0 && inserts.isEmpty()) {
      fault.recordMalformed("the column insert is missing");
    }
    if (markOpen) {
      fault.recordMalformed("a mark has a beginning without an end");
    }
    for (var i = 1; i < actorCount; i++) {
      if (!isReferenced[i]) {
        fault.recordMalformed("the change lists an actor that it does not refer to");
      }
    }
  }
}
