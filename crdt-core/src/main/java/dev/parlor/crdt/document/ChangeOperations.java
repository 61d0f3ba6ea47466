package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the operations of one change. After each {@link #next} the methods describe the current
 * operation. Actors are the document's numbers of the actors.
 */
final class ChangeOperations {

  private static final int PREDECESSOR_GROUP = 0x70;
  private static final int PREDECESSOR_ACTOR = 0x71;
  private static final int PREDECESSOR_COUNTER = 0x73;
  private static final int ACTION_MAX = 0x0f;

  /** The document's number of each actor of the change; the author is first. */
  private final int[] actorNumbers;

  private final Bytes extra;
  private final ColumnReader objectActors;
  private final ColumnReader objectCounters;
  private final ColumnReader keyActors;
  private final ColumnReader keyCounters;
  private final ColumnReader keyStrings;
  private final FlagReader inserts;
  private final ColumnReader actions;
  private final ColumnReader valueMetas;
  private final Bytes values;
  private final ColumnReader groups;
  private final ColumnReader predecessorActors;
  private final ColumnReader predecessorCounters;
  private final FlagReader expands;
  private final ColumnReader markNames;

  private long counter;
  private int objectActor;
  private int objectCounter;
  private int keyActor;
  private int keyCounter;
  private @Nullable Bytes keyString;
  private boolean isInsert;
  private int action;
  private long valueMeta;
  private int valueEnd;
  private int predecessorCount;
  private boolean isExpanding;
  private @Nullable Bytes markName;

  ChangeOperations(ChangeChunk change, int[] actorNumbers) throws MalformedDocumentException {
    this.actorNumbers = actorNumbers;
    this.counter = change.startOp() - 1;
    var reader = new ByteReader(change.columns());
    var columns = DocumentColumns.readTable(reader);
    if (columns.hasOtherThan(ChangeEncoder.SPECIFICATIONS)) {
      throw MalformedDocumentException.structure(
          "a change has a column that a document chunk cannot hold");
    }
    columns.readBytes(reader, change.columns().length());
    if (reader.failed()) {
      throw MalformedDocumentException.structure(reader.failure());
    }
    extra = reader.bytes("the extra bytes", reader.remaining());
    objectActors = ColumnReader.of(columns.column(OperationTable.OBJECT_ACTOR), "object actor");
    objectCounters =
        ColumnReader.of(columns.column(OperationTable.OBJECT_COUNTER), "object counter");
    keyActors = ColumnReader.of(columns.column(OperationTable.KEY_ACTOR), "key actor");
    keyCounters =
        ColumnReader.ofDifferences(columns.column(OperationTable.KEY_COUNTER), "key counter");
    keyStrings = ColumnReader.of(columns.column(OperationTable.KEY_STRING), "key string");
    inserts = new FlagReader(columns.column(OperationTable.INSERT), "insert");
    actions = ColumnReader.of(columns.column(OperationTable.ACTION), "action");
    valueMetas = ColumnReader.of(columns.column(OperationTable.VALUE_META), "value");
    values = columns.column(OperationTable.VALUE_RAW);
    groups = ColumnReader.of(columns.column(PREDECESSOR_GROUP), "predecessor count");
    predecessorActors = ColumnReader.of(columns.column(PREDECESSOR_ACTOR), "predecessor actor");
    predecessorCounters =
        ColumnReader.ofDifferences(columns.column(PREDECESSOR_COUNTER), "predecessor counter");
    expands = new FlagReader(columns.column(OperationTable.EXPAND), "expand");
    markNames = ColumnReader.of(columns.column(OperationTable.MARK_NAME), "mark name");
  }

  /**
   * Reads the next operation; false at the end. The caller reads the predecessors of the current
   * operation first.
   */
  boolean next() throws MalformedDocumentException {
    if (actions.atEnd()) {
      return false;
    }
    if (++counter > Integer.MAX_VALUE) {
      throw MalformedDocumentException.limit("the counter of an operation exceeds 31 bits");
    }
    objectActor = actor(objectActors);
    objectCounter = objectCounters.index(Integer.MAX_VALUE);
    keyActor = actor(keyActors);
    keyCounter = keyCounters.index(Integer.MAX_VALUE);
    keyString = keyStrings.text();
    isInsert = inserts.next();
    action = actions.required(ACTION_MAX);
    var meta = valueMetas.number();
    valueMeta = meta == ColumnReader.NULL ? 0 : meta;
    if (valueMeta < 0 || valueMeta >>> 4 > values.length() - valueEnd) {
      throw MalformedDocumentException.structure("a value is cut off");
    }
    valueEnd += (int) (valueMeta >>> 4);
    predecessorCount = Math.max(0, groups.index(Integer.MAX_VALUE));
    isExpanding = expands.next();
    markName = markNames.text();
    return true;
  }

  private int actor(ColumnReader column) throws MalformedDocumentException {
    var index = column.index(actorNumbers.length - 1L);
    return index < 0 ? OperationTable.NONE : actorNumbers[index];
  }

  /** Reads the packed id of the next predecessor of the current operation. */
  long nextPredecessor() throws MalformedDocumentException {
    return OperationTable.pack(
        actorNumbers[predecessorActors.required(actorNumbers.length - 1L)],
        predecessorCounters.required(Integer.MAX_VALUE));
  }

  /** The bytes after the columns. */
  Bytes extra() {
    return extra;
  }

  int actor() {
    return actorNumbers[0];
  }

  /** The counter of the current operation; that of the change's last operation at the end. */
  int counter() {
    return (int) counter;
  }

  int objectActor() {
    return objectActor;
  }

  int objectCounter() {
    return objectCounter;
  }

  int keyActor() {
    return keyActor;
  }

  int keyCounter() {
    return keyCounter;
  }

  @Nullable Bytes keyString() {
    return keyString;
  }

  boolean isInsert() {
    return isInsert;
  }

  int action() {
    return action;
  }

  long valueMeta() {
    return valueMeta;
  }

  Bytes value() {
    var length = (int) (valueMeta >>> 4);
    return values.slice(valueEnd - length, length);
  }

  int predecessorCount() {
    return predecessorCount;
  }

  boolean expands() {
    return isExpanding;
  }

  @Nullable Bytes markName() {
    return markName;
  }
}
