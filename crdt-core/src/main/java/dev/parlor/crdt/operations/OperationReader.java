package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.Arrays;

/**
 * Reads the operations of one change and checks everything that needs no other change [AD1]: the
 * canonical encoding, known actions with suitable values, one kind of key, actors within the
 * change's own table, predecessors in ascending order, and limits [AD3].
 *
 * <p>One reader serves all operations: after each {@link #next} its methods describe the current
 * operation. If {@link #next} returns false, {@link #failed} tells a fault from the end of the
 * change. Actors are indices into the change's table: 0 is the author, then {@link
 * ChangeChunk#otherActors}.
 *
 * <p>It is one class although it is long: the columns advance in step, and every operation of every
 * change passes through these methods, so they work on the columns directly.
 *
 * <p>Source: Automerge binary document format, "Operation columns"; further strictness follows from
 * the way Automerge rebuilds a change from a document.
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

  /** JavaScript stores milliseconds in a double; a snapshot stores differences between times. */
  private static final long TIME_MAX = 1L << 53;

  private final ChangeChunk change;
  private final OperationLimits limits;
  private final long operationsMax;
  private final long stepsMax;
  private final Fault fault;
  private final int actors;
  private final boolean[] mentioned;
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
  private long work;
  private long steps;
  private long object;
  private boolean keyed;
  private long element;
  private boolean insert;
  private Action action = Action.SET;
  private long[] predecessors = new long[4];
  private int predecessorCount;
  private boolean expand;
  private boolean named;
  private boolean markOpen;
  private long markObject;

  private OperationReader(
      ChangeChunk change, ChangeColumns columns, OperationLimits limits, Fault fault) {
    this.change = change;
    this.limits = limits;
    this.operationsMax = limits.operationsMax(change.plain().length());
    this.stepsMax = limits.stepsMax(change.plain().length());
    this.fault = fault;
    this.actors = change.otherActors().size() + 1;
    this.mentioned = new boolean[actors];
    this.authorRank = rankOfAuthor(change.actor(), change);
    objectActors = numbers(columns, ChangeColumns.OBJECT_ACTOR, "object actor", false);
    objectCounters = numbers(columns, ChangeColumns.OBJECT_COUNTER, "object counter", false);
    keyActors = numbers(columns, ChangeColumns.KEY_ACTOR, "key actor", false);
    keyCounters = numbers(columns, ChangeColumns.KEY_COUNTER, "key counter", true);
    keyStrings = texts(columns, ChangeColumns.KEY_STRING, "key string");
    inserts = new FlagColumn(bytes(columns, ChangeColumns.INSERT), fault, "insert");
    actions = numbers(columns, ChangeColumns.ACTION, "action", false);
    values =
        new ValueColumn(
            numbers(columns, ChangeColumns.VALUE_META, "value metadata", false),
            bytes(columns, ChangeColumns.VALUE_RAW),
            fault,
            limits.textBytesMax());
    groups = numbers(columns, ChangeColumns.PREDECESSOR_GROUP, "predecessor group", false);
    predecessorActors = numbers(columns, ChangeColumns.PREDECESSOR_ACTOR, "pred actor", false);
    predecessorCounters = numbers(columns, ChangeColumns.PREDECESSOR_COUNTER, "pred counter", true);
    expands = new FlagColumn(bytes(columns, ChangeColumns.EXPAND), fault, "expand");
    markNames = texts(columns, ChangeColumns.MARK_NAME, "mark name");
  }

  private NumberColumn numbers(ChangeColumns columns, int which, String name, boolean delta) {
    return new NumberColumn(bytes(columns, which), fault, name, delta);
  }

  private TextColumn texts(ChangeColumns columns, int which, String name) {
    return new TextColumn(bytes(columns, which), fault, name, limits.keyBytesMax());
  }

  private ColumnBytes bytes(ChangeColumns columns, int which) {
    return new ColumnBytes(columns.column(which), fault);
  }

  /** Reads the column table. The operations are read one by one and may still be malformed. */
  public static Decoding<OperationReader> open(ChangeChunk change, OperationLimits limits) {
    var fault = new Fault();
    var columns = ChangeColumns.read(change.columns(), fault);
    if (change.time() > TIME_MAX || change.time() < -TIME_MAX) {
      fault.structure("the time is out of all bounds");
    }
    if (fault.present()) {
      return fault.malformed();
    }
    // Refuse excessive run lengths before reading half a million operations.
    var operationsMax = limits.operationsMax(change.plain().length());
    if (DeclaredCost.of(columns, operationsMax + 1) > operationsMax) {
      fault.set("AD3", "a change has at most " + operationsMax + " operations");
      return fault.malformed();
    }
    return Decoding.of(new OperationReader(change, columns, limits, fault));
  }

  /** Reads the whole change and returns the number of its operations. */
  public static Decoding<Integer> check(ChangeChunk change, OperationLimits limits) {
    return open(change, limits).flatMap(OperationReader::drain);
  }

  private Decoding<Integer> drain() {
    while (next()) {
      skip(repeats());
    }
    return failed() ? fault.malformed() : Decoding.of(count);
  }

  /** Reads the next operation; false at the end and at a fault. */
  public boolean next() {
    if (fault.present()) {
      return false;
    }
    if (actions.done()) {
      finish();
      return false;
    }
    var code = Action.of(actions.next());
    if (code == null) {
      fault.structure("an action is unknown");
      return false;
    }
    action = code;
    count++;
    if (++work > operationsMax) {
      fault.set("AD3", "a change has at most " + operationsMax + " operations");
    }
    step(1);
    if (counter() > Integer.MAX_VALUE) {
      fault.structure("a counter is negative or above 31 bits");
    }
    readObject();
    readKey();
    values.next();
    readPredecessors();
    expand = expands.next();
    named = markNames.step();
    checkMark();
    checkAction();
    return !fault.present();
  }

  /**
   * Counts operations that are not repetitions; few bytes may declare fewer of them than of
   * repetitions.
   */
  private void step(long count) {
    steps += count;
    if (steps > stepsMax) {
      fault.set(
          "AD3",
          "a change of its length has at most "
              + stepsMax
              + " operations, with what they overwrite, that are no repetitions");
    }
  }

  /**
   * The number of following operations that repeat the current one: the same action on the same
   * object, without value bytes, at the same key, or at elements of one actor with a fixed stride
   * of counters. Each has as many predecessors as the current one, of one actor and with a fixed
   * stride as well. All checks of {@link #next} hold for them. It is 0 for operations that make
   * objects, set marks or increment.
   */
  public int repeats() {
    var count = actions.repeats();
    if (count == 0 || fault.present() || (action != Action.SET && action != Action.DELETE)) {
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
      count = Math.min(count, within(counterOf(element), elementStride(), 1));
    } else if (!keyed && elementStride() != 0) {
      return 0;
    }
    if (predecessorCount > 0) {
      var stride = predecessorStride();
      if (predecessorCount > 1 && stride < 1) {
        return 0; // not ascending
      }
      count = Math.min(count, predecessorActors.repeats() / predecessorCount);
      count = Math.min(count, predecessorCounters.repeats() / predecessorCount);
      count = Math.min(count, within(counterOf(lastPredecessor()), stride, predecessorCount));
    }
    count = Math.min(count, (operationsMax - work) / (1 + predecessorCount));
    return (int) Math.min(count, Integer.MAX_VALUE - counter());
  }

  /**
   * The number of operations for which counters that advance by a stride stay above 0 and below the
   * counter of the operation that refers to them.
   */
  private long within(long from, long stride, int each) {
    if (stride < 0) {
      return (from - 1) / (-stride * each);
    }
    var gain = stride * each - 1;
    return gain <= 0 ? Long.MAX_VALUE : (counter() - 1 - from) / gain;
  }

  /** The stride of the elements of {@link #repeats}. */
  public long elementStride() {
    return keyCounters.stride();
  }

  /** The stride of the predecessors of {@link #repeats}. */
  public long predecessorStride() {
    return predecessorCounters.stride();
  }

  private long lastPredecessor() {
    return predecessors[predecessorCount - 1];
  }

  /**
   * Skips operations at once; the last of them becomes the current operation.
   *
   * @param repeated at most {@link #repeats}
   */
  public void skip(int repeated) {
    if (repeated == 0) {
      return;
    }
    count += repeated;
    work += repeated * (1L + predecessorCount);
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
    return fault.present();
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

  /** The counter of the current operation; with the change's actor it is its id. */
  public long counter() {
    return change.startOp() + count - 1;
  }

  /** The object's id as (actor index, counter) packed, or {@link #NONE} for the root. */
  public long object() {
    return object;
  }

  /** Whether the key is a string, so the object must be a map; otherwise an element. */
  public boolean isKeyed() {
    return keyed;
  }

  /** The map key; only when {@link #isKeyed}. */
  public Bytes key() {
    return keyStrings.value();
  }

  /** The element's id packed, or {@link #NONE} for the head; only when not {@link #isKeyed}. */
  public long element() {
    return element;
  }

  /** Whether the operation inserts a new element after {@link #element}. */
  public boolean isInsert() {
    return insert;
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

  /** The id of a predecessor, packed; ascending in Automerge's order. */
  public long predecessor(int index) {
    return predecessors[index];
  }

  /** The name at the beginning of a mark; otherwise empty. */
  public Bytes markName() {
    return named ? markNames.value() : Bytes.EMPTY;
  }

  /** Whether a mark includes text typed at this end of it. */
  public boolean expands() {
    return expand;
  }

  /** Packs an id. */
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
    keyed = keyStrings.step();
    insert = inserts.next();
    element = NONE;
    if (keyed) {
      if (actor != NumberColumn.NULL || counter != NumberColumn.NULL || insert) {
        fault.structure("a key is a string and an element at once");
      }
    } else if (counter == 0 && actor == NumberColumn.NULL) {
      if (!insert) {
        fault.structure("nothing but an insertion can stand at the head");
      }
    } else {
      element = reference(actor, counter, "an element");
    }
  }

  private long reference(long actor, long counter, String what) {
    if (actor == NumberColumn.NULL || counter == NumberColumn.NULL) {
      fault.structure(what + " is named by half");
      return NONE;
    }
    if (actor >= actors) {
      fault.structure(what + " is of an actor outside the change's table");
      return NONE;
    }
    if (counter < 1 || counter >= counter()) {
      fault.structure(what + " is not older than the operation that names it");
      return NONE;
    }
    mentioned[(int) actor] = true;
    return pack(actor, counter);
  }

  private void readPredecessors() {
    var size = groups.next();
    predecessorCount = 0;
    if (size == 0) {
      return;
    }
    if (size == NumberColumn.NULL) {
      fault.structure("the number of predecessors is missing");
      return;
    }
    work += size;
    step(size);
    if (size > limits.predecessorsMax() || work > operationsMax) {
      fault.set(
          "AD3",
          "an operation has at most "
              + limits.predecessorsMax()
              + " predecessors, a change "
              + operationsMax
              + " with its operations");
      return;
    }
    for (var i = 0; i < size && !fault.present(); i++) {
      var id = reference(predecessorActors.next(), predecessorCounters.next(), "a predecessor");
      if (i > 0 && !ascending(predecessors[i - 1], id)) {
        fault.structure("predecessors are not in ascending order");
      }
      if (i == predecessors.length) {
        predecessors = Arrays.copyOf(predecessors, i * 2);
      }
      predecessors[i] = id;
      predecessorCount++;
    }
  }

  /** By counter, then by the bytes of the actor. */
  private boolean ascending(long before, long after) {
    if (counterOf(before) != counterOf(after)) {
      return counterOf(before) < counterOf(after);
    }
    return rank(actorOf(before)) < rank(actorOf(after));
  }

  private int rank(int actor) {
    return actor == 0 ? authorRank : 2 * actor;
  }

  private static int rankOfAuthor(ActorId author, ChangeChunk change) {
    var below = 0;
    for (var other : change.otherActors()) {
      if (other.compareTo(author) < 0) {
        below++;
      }
    }
    return 2 * below + 1;
  }

  /** Checks that a mark is a beginning with a name, directly followed by an end without one. */
  private void checkMark() {
    if (action != Action.MARK) {
      if (named || expand) {
        fault.structure("only a mark has a name or expands");
      }
      if (markOpen) {
        fault.structure("a mark begins and does not end");
      }
    } else if (named == markOpen || (markOpen && object != markObject)) {
      fault.structure("a mark's beginning and end do not follow each other");
    } else {
      markOpen = named;
      markObject = object;
    }
  }

  private void checkAction() {
    var wrong =
        switch (action) {
          case MAKE_MAP, MAKE_LIST, MAKE_TEXT -> values.type() != NULL;
          case SET -> false;
          case DELETE -> values.type() != NULL || insert || predecessorCount == 0;
          case INCREMENT -> values.type() != INT || insert || predecessorCount == 0;
          case MARK -> !insert || (!markOpen && values.type() != NULL);
        };
    if (wrong) {
      fault.structure("an operation's value or key does not fit what it does");
    }
    if (insert && predecessorCount > 0) {
      fault.structure("an insertion overwrites nothing");
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
    if (!expands.isEmpty() && !expands.everTrue()) {
      fault.structure("the column expand says nothing");
    }
    if (count > 0 && inserts.isEmpty()) {
      fault.structure("the column insert is missing");
    }
    if (markOpen) {
      fault.structure("a mark begins and does not end");
    }
    for (var i = 1; i < actors; i++) {
      if (!mentioned[i]) {
        fault.structure("the change names an actor that it does not refer to");
      }
    }
  }
}
