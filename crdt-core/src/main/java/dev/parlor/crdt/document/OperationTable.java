package dev.parlor.crdt.document;

import dev.parlor.crdt.identity.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All operations of a document, in arrays by position. A document orders its operations by object
 * and key. It has no operations that delete: it lists an operation's successors, and a successor
 * that is not in the table is a deletion. {@link OperationLinks} adds the deletions.
 */
final class OperationTable {

  /** The action of an operation that deletes. */
  static final int DELETE = 3;

  static final int OBJECT_ACTOR = 0x01;
  static final int OBJECT_COUNTER = 0x02;
  static final int KEY_ACTOR = 0x11;
  static final int KEY_COUNTER = 0x13;
  static final int KEY_STRING = 0x15;
  static final int ID_ACTOR = 0x21;
  static final int ID_COUNTER = 0x23;
  static final int INSERT = 0x34;
  static final int ACTION = 0x42;
  static final int VALUE_META = 0x56;
  static final int VALUE_RAW = 0x57;
  static final int SUCCESSOR_GROUP = 0x80;
  static final int SUCCESSOR_ACTOR = 0x81;
  static final int SUCCESSOR_COUNTER = 0x83;
  static final int EXPAND = 0x94;
  static final int MARK_NAME = 0xa5;

  private static final int ACTION_MAX = 0x0f;
  private static final int APPENDED_ROWS_MIN = 16;

  /** Absent actors, counters and strings. */
  static final int NONE = -1;

  private int size;
  private int[] actors;
  private int[] counters;
  private int[] objectActors;
  private int[] objectCounters;
  private int[] keyActors;
  private int[] keyCounters;
  private int[] keyStrings;
  private int[] markNames;
  private byte[] actions;
  private boolean[] inserts;
  private boolean[] expands;
  private long[] valueMetas;
  private int[] valueOffsets;

  private int successorCount;
  private int[] successorEnds;
  private long[] successors;

  /** The strings of keys and marks, each once. */
  private final StringTable strings = new StringTable();

  /** The values of the operations that were read from the columns of a document. */
  private final Bytes values;

  /** The number of these operations. */
  private int readSize;

  /** The values of the operations that {@link #append} added. */
  private final AppendedValues appendedValues = new AppendedValues();

  /**
   * @param operations the number of operations for which there is space
   */
  private OperationTable(Bytes values, int operations, int successors) {
    this.values = values;
    this.actors = new int[operations];
    this.counters = new int[operations];
    this.objectActors = new int[operations];
    this.objectCounters = new int[operations];
    this.keyActors = new int[operations];
    this.keyCounters = new int[operations];
    this.keyStrings = new int[operations];
    this.markNames = new int[operations];
    this.actions = new byte[operations];
    this.inserts = new boolean[operations];
    this.expands = new boolean[operations];
    this.valueMetas = new long[operations];
    this.valueOffsets = new int[operations];
    this.successorEnds = new int[operations];
    this.successors = new long[successors];
  }

  /**
   * Reads the operation columns.
   *
   * @param capacity the number of items of the column of actions, and of the deletions to add
   * @param successorCount the sum of the column of successor counts
   */
  static OperationTable read(
      DocumentColumns columns, int actorCount, int capacity, int successorCount)
      throws MalformedDocumentException {
    var table = new OperationTable(columns.column(VALUE_RAW), capacity, successorCount);
    var maxActor = actorCount - 1L;
    var ids = new IdColumns(columns, ID_ACTOR, ID_COUNTER, true, "id");
    var objects = new IdColumns(columns, OBJECT_ACTOR, OBJECT_COUNTER, false, "object");
    var keys = new IdColumns(columns, KEY_ACTOR, KEY_COUNTER, true, "key");
    var successors = new IdColumns(columns, SUCCESSOR_ACTOR, SUCCESSOR_COUNTER, true, "successor");
    var keyStrings = ColumnReader.of(columns.column(KEY_STRING), "key string");
    var inserts = new FlagReader(columns.column(INSERT), "insert");
    var actions = ColumnReader.of(columns.column(ACTION), "action");
    var metas = ColumnReader.of(columns.column(VALUE_META), "value");
    var groups = ColumnReader.of(columns.column(SUCCESSOR_GROUP), "successor count");
    var expands = new FlagReader(columns.column(EXPAND), "expand");
    var markNames = ColumnReader.of(columns.column(MARK_NAME), "mark name");
    var valueAt = 0L;
    while (!actions.atEnd()) {
      var at = table.add();
      table.actors[at] = ids.actors.required(maxActor);
      table.counters[at] = ids.counters.required(Integer.MAX_VALUE);
      table.objectActors[at] = objects.actors.index(maxActor);
      table.objectCounters[at] = objects.counters.index(Integer.MAX_VALUE);
      table.keyActors[at] = keys.actors.index(maxActor);
      table.keyCounters[at] = keys.counters.index(Integer.MAX_VALUE);
      table.keyStrings[at] = table.string(keyStrings.text());
      table.inserts[at] = inserts.next();
      table.actions[at] = (byte) actions.required(ACTION_MAX);
      table.expands[at] = expands.next();
      table.markNames[at] = table.string(markNames.text());
      var meta = metas.number();
      table.valueMetas[at] = meta == ColumnReader.NULL ? 0 : meta;
      table.valueOffsets[at] = (int) valueAt;
      valueAt += table.valueMetas[at] >>> 4;
      if ((meta < 0 && meta != ColumnReader.NULL) || valueAt > table.values.length()) {
        throw MalformedDocumentException.structure("a value is cut off");
      }
      var count = Math.max(0, groups.index(successorCount));
      for (var i = 0; i < count; i++) {
        table.addSuccessor(
            successors.actors.required(maxActor), successors.counters.required(Integer.MAX_VALUE));
      }
      table.successorEnds[at] = table.successorCount;
    }
    table.readSize = table.size;
    return table;
  }

  /** A table without operations, for {@link #append}. */
  static OperationTable empty() {
    return new OperationTable(Bytes.EMPTY, 0, 0);
  }

  /** The two columns of an id. */
  private static final class IdColumns {
    final ColumnReader actors;
    final ColumnReader counters;

    IdColumns(
        DocumentColumns columns, int actor, int counter, boolean areDifferences, String name) {
      actors = ColumnReader.of(columns.column(actor), name + " actor");
      counters =
          areDifferences
              ? ColumnReader.ofDifferences(columns.column(counter), name + " counter")
              : ColumnReader.of(columns.column(counter), name + " counter");
    }
  }

  /** Packs an id so that ids of one actor are neighbors. */
  static long pack(int actor, int counter) {
    return (long) actor << 32 | counter;
  }

  static int actorOf(long id) {
    return (int) (id >>> 32);
  }

  static int counterOf(long id) {
    return (int) id;
  }

  private int add() throws MalformedDocumentException {
    if (size == actors.length) {
      throw MalformedDocumentException.structure("a column of the operations has a broken run");
    }
    return size++;
  }

  private void addSuccessor(int actor, int counter) throws MalformedDocumentException {
    if (successorCount == successors.length) {
      throw MalformedDocumentException.structure("the successor counts have a broken run");
    }
    successors[successorCount++] = pack(actor, counter);
  }

  private int string(@Nullable Bytes text) {
    return text == null ? NONE : strings.number(text);
  }

  /** Adds the operation that the reader is at, without successors. */
  void append(ChangeOperations operation) throws MalformedDocumentException {
    if (size == actors.length) {
      grow();
    }
    var at = size++;
    actors[at] = operation.actor();
    counters[at] = operation.counter();
    objectActors[at] = operation.objectActor();
    objectCounters[at] = operation.objectCounter();
    keyActors[at] = operation.keyActor();
    keyCounters[at] = operation.keyCounter();
    keyStrings[at] = string(operation.keyString());
    inserts[at] = operation.isInsert();
    actions[at] = (byte) operation.action();
    expands[at] = operation.expands();
    markNames[at] = string(operation.markName());
    valueMetas[at] = operation.valueMeta();
    valueOffsets[at] = appendedValues.add(operation.value());
    successorEnds[at] = successorCount;
  }

  private void grow() throws MalformedDocumentException {
    var capacity = Math.min(1 << 30, Math.max(APPENDED_ROWS_MIN, size + (size >> 1)));
    if (capacity == size) {
      throw MalformedDocumentException.limit("the document has too many operations");
    }
    actors = Arrays.copyOf(actors, capacity);
    counters = Arrays.copyOf(counters, capacity);
    objectActors = Arrays.copyOf(objectActors, capacity);
    objectCounters = Arrays.copyOf(objectCounters, capacity);
    keyActors = Arrays.copyOf(keyActors, capacity);
    keyCounters = Arrays.copyOf(keyCounters, capacity);
    keyStrings = Arrays.copyOf(keyStrings, capacity);
    markNames = Arrays.copyOf(markNames, capacity);
    actions = Arrays.copyOf(actions, capacity);
    inserts = Arrays.copyOf(inserts, capacity);
    expands = Arrays.copyOf(expands, capacity);
    valueMetas = Arrays.copyOf(valueMetas, capacity);
    valueOffsets = Arrays.copyOf(valueOffsets, capacity);
    successorEnds = Arrays.copyOf(successorEnds, capacity);
  }

  /** Gives all actors other numbers. */
  void renumberActors(int[] newNumbers) {
    for (var i = 0; i < size; i++) {
      actors[i] = newNumbers[actors[i]];
      objectActors[i] = objectActors[i] == NONE ? NONE : newNumbers[objectActors[i]];
      keyActors[i] = keyActors[i] == NONE ? NONE : newNumbers[keyActors[i]];
    }
    for (var i = 0; i < successorCount; i++) {
      successors[i] = pack(newNumbers[actorOf(successors[i])], counterOf(successors[i]));
    }
  }

  /**
   * Replaces the successors of all operations.
   *
   * @param ends the end of each operation's successors in {@code ids}
   */
  void replaceSuccessors(long[] ids, int[] ends) {
    successors = ids;
    successorEnds = ends;
    successorCount = ids.length;
  }

  /** The rank of each key and mark name in the order of their bytes, by {@link #keyNumber}. */
  int[] stringRanks() {
    return strings.ranks();
  }

  /** The number of the string that is the key; {@link #NONE} if the key is an element. */
  int keyNumber(int operation) {
    return keyStrings[operation];
  }

  /**
   * Adds the deletion of an operation's value and returns its position.
   *
   * @param id the packed id of the deletion
   */
  int addDeletion(long id, int deleted) throws MalformedDocumentException {
    var at = add();
    actors[at] = actorOf(id);
    counters[at] = counterOf(id);
    objectActors[at] = objectActors[deleted];
    objectCounters[at] = objectCounters[deleted];
    keyActors[at] = inserts[deleted] ? actors[deleted] : keyActors[deleted];
    keyCounters[at] = inserts[deleted] ? counters[deleted] : keyCounters[deleted];
    keyStrings[at] = keyStrings[deleted];
    markNames[at] = NONE;
    actions[at] = DELETE;
    successorEnds[at] = successorCount;
    return at;
  }

  int size() {
    return size;
  }

  /** The packed id of the operation. */
  long id(int operation) {
    return pack(actors[operation], counters[operation]);
  }

  int actor(int operation) {
    return actors[operation];
  }

  int counter(int operation) {
    return counters[operation];
  }

  /** The actor of the object's id; {@link #NONE} for the root. */
  int objectActor(int operation) {
    return objectActors[operation];
  }

  int objectCounter(int operation) {
    return objectCounters[operation];
  }

  /** The actor of the element that is the key; {@link #NONE} for a string and for the head. */
  int keyActor(int operation) {
    return keyActors[operation];
  }

  /** The counter of the element that is the key: 0 for the head, {@link #NONE} for a string. */
  int keyCounter(int operation) {
    return keyCounters[operation];
  }

  @Nullable Bytes keyString(int operation) {
    return keyStrings[operation] == NONE ? null : strings.string(keyStrings[operation]);
  }

  @Nullable Bytes markName(int operation) {
    return markNames[operation] == NONE ? null : strings.string(markNames[operation]);
  }

  boolean isInsert(int operation) {
    return inserts[operation];
  }

  int action(int operation) {
    return actions[operation];
  }

  boolean expands(int operation) {
    return expands[operation];
  }

  /** The value's length in bytes times 16, plus its type. */
  long valueMeta(int operation) {
    return valueMetas[operation];
  }

  Bytes value(int operation) {
    var length = (int) (valueMetas[operation] >>> 4);
    return operation < readSize
        ? values.slice(valueOffsets[operation], length)
        : appendedValues.value(valueOffsets[operation], length);
  }

  int firstSuccessor(int operation) {
    return operation == 0 ? 0 : successorEnds[operation - 1];
  }

  int endOfSuccessors(int operation) {
    return successorEnds[operation];
  }

  /** The packed id of a successor, by its position among all successors of the document. */
  long successor(int position) {
    return successors[position];
  }

  int successorCount() {
    return successorCount;
  }
}
