package dev.parlor.crdt.document;

import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The change columns of a document: the header fields of each change, dependencies first. */
final class ChangeTable {

  static final int ACTOR = 0x01;
  static final int SEQUENCE = 0x03;
  static final int LAST_OPERATION = 0x13;
  static final int TIME = 0x23;
  static final int MESSAGE = 0x35;
  static final int DEPENDENCY_GROUP = 0x40;
  static final int DEPENDENCY = 0x43;
  static final int EXTRA_META = 0x56;
  static final int EXTRA_RAW = 0x57;

  /** The type of a value of bytes, in the low four bits of its metadata. */
  private static final int BYTES_TYPE = 7;

  private int size;
  private int[] actors;
  private int[] sequences;
  private int[] lastOperations;
  private long[] times;

  /** The dependencies of change {@code i} end here, and those of the next change begin here. */
  private int[] dependencyEnds;

  private int[] dependencies;
  private int dependencyCount;
  private final List<Bytes> messages = new ArrayList<>();

  /** The changes whose message is present in the column; it may be empty nevertheless. */
  private final BitSet hasMessage = new BitSet();

  private final List<Bytes> extras = new ArrayList<>();

  private ChangeTable(int changes, int dependencies) {
    this.actors = new int[changes];
    this.sequences = new int[changes];
    this.lastOperations = new int[changes];
    this.times = new long[changes];
    this.dependencyEnds = new int[changes];
    this.dependencies = new int[dependencies];
  }

  /**
   * Reads the change columns.
   *
   * @param changeCount the number of items of the column of actors
   * @param dependencyCount the sum of the column of dependency counts
   */
  static ChangeTable read(
      DocumentColumns columns,
      int actorCount,
      int changeCount,
      int dependencyCount,
      DocumentLimits limits)
      throws MalformedDocumentException {
    var table = new ChangeTable(changeCount, dependencyCount);
    var actors = ColumnReader.of(columns.column(ACTOR), "actor");
    var sequences = ColumnReader.ofDifferences(columns.column(SEQUENCE), "seq");
    var lastOperations = ColumnReader.ofDifferences(columns.column(LAST_OPERATION), "maxOp");
    var times = ColumnReader.ofDifferences(columns.column(TIME), "time");
    var messages = ColumnReader.of(columns.column(MESSAGE), "message");
    var groups = ColumnReader.of(columns.column(DEPENDENCY_GROUP), "dependency count");
    var dependencies = ColumnReader.ofDifferences(columns.column(DEPENDENCY), "dependency");
    var extraMeta = ColumnReader.of(columns.column(EXTRA_META), "extra");
    var extraRaw = columns.column(EXTRA_RAW);
    var extraAt = 0;
    while (!actors.atEnd()) {
      var at = table.add();
      table.actors[at] = actors.required(actorCount - 1L);
      table.sequences[at] = sequences.required(Integer.MAX_VALUE);
      table.lastOperations[at] = lastOperations.required(Integer.MAX_VALUE);
      var time = times.number();
      table.times[at] = time == ColumnReader.NULL ? 0 : time;
      var message = messages.text();
      table.messages.add(message == null ? Bytes.EMPTY : message);
      table.hasMessage.set(at, message != null);
      var count = Math.max(0, groups.index(limits.change().dependenciesMax()));
      for (var i = 0; i < count; i++) {
        table.addDependency(dependencies.required(at - 1L));
      }
      table.dependencyEnds[at] = table.dependencyCount;
      var length = extraLength(extraMeta, extraRaw.length() - extraAt);
      table.extras.add(extraRaw.slice(extraAt, length));
      extraAt += length;
    }
    return table;
  }

  /** A table without changes, for {@link #append}. */
  static ChangeTable empty() {
    return new ChangeTable(0, 0);
  }

  /**
   * Adds a change.
   *
   * @param positions the positions of its dependencies
   */
  void append(
      int actor,
      long sequence,
      long lastOperation,
      long time,
      @Nullable Bytes message,
      int[] positions,
      Bytes extra)
      throws MalformedDocumentException {
    if (sequence > Integer.MAX_VALUE || lastOperation > Integer.MAX_VALUE) {
      throw MalformedDocumentException.limit("a counter of a change exceeds 31 bits");
    }
    if (size == actors.length) {
      grow();
    }
    actors[size] = actor;
    sequences[size] = (int) sequence;
    lastOperations[size] = (int) lastOperation;
    times[size] = time;
    messages.add(message == null ? Bytes.EMPTY : message);
    hasMessage.set(size, message != null);
    if (dependencyCount + positions.length > dependencies.length) {
      var capacity = Math.max(dependencyCount + positions.length, grown(dependencyCount));
      dependencies = Arrays.copyOf(dependencies, capacity);
    }
    for (var position : positions) {
      dependencies[dependencyCount++] = position;
    }
    dependencyEnds[size] = dependencyCount;
    extras.add(extra);
    size++;
  }

  private void grow() {
    var capacity = grown(size);
    actors = Arrays.copyOf(actors, capacity);
    sequences = Arrays.copyOf(sequences, capacity);
    lastOperations = Arrays.copyOf(lastOperations, capacity);
    times = Arrays.copyOf(times, capacity);
    dependencyEnds = Arrays.copyOf(dependencyEnds, capacity);
  }

  private static int grown(int size) {
    return Math.addExact(Math.max(16, size), size >> 1);
  }

  /** Gives all actors other numbers. */
  void renumberActors(int[] newNumbers) {
    for (var i = 0; i < size; i++) {
      actors[i] = newNumbers[actors[i]];
    }
  }

  private static int extraLength(ColumnReader metadata, int available)
      throws MalformedDocumentException {
    var meta = Math.max(0, metadata.index(Integer.MAX_VALUE));
    if ((meta != 0 && (meta & 15) != BYTES_TYPE) || meta >>> 4 > available) {
      throw MalformedDocumentException.structure("the extra bytes of a change are cut off");
    }
    return meta >>> 4;
  }

  private int add() throws MalformedDocumentException {
    if (size == actors.length) {
      throw MalformedDocumentException.structure("a column of the changes has a broken run");
    }
    return size++;
  }

  private void addDependency(int dependency) throws MalformedDocumentException {
    if (dependencyCount == dependencies.length) {
      throw MalformedDocumentException.structure("the dependency counts have a broken run");
    }
    dependencies[dependencyCount++] = dependency;
  }

  int size() {
    return size;
  }

  /** The author, as an index into the document's actors. */
  int actor(int change) {
    return actors[change];
  }

  int sequence(int change) {
    return sequences[change];
  }

  /** The counter of the change's last operation; that of the operation before if it has none. */
  int lastOperation(int change) {
    return lastOperations[change];
  }

  long time(int change) {
    return times[change];
  }

  Bytes message(int change) {
    return messages.get(change);
  }

  /** The message as the column has it: null if it is absent, which is not the same as empty. */
  @Nullable Bytes messageOrNull(int change) {
    return hasMessage.get(change) ? messages.get(change) : null;
  }

  /** The bytes after the change's columns. */
  Bytes extra(int change) {
    return extras.get(change);
  }

  /** The changes that this change directly depends on, all before it. */
  int[] dependencies(int change) {
    return Arrays.copyOfRange(
        dependencies, change == 0 ? 0 : dependencyEnds[change - 1], dependencyEnds[change]);
  }

  /** Checks the messages as they are checked in a change that comes by itself. */
  void checkMessages(FormatLimits limits) throws MalformedDocumentException {
    var previous = Bytes.EMPTY;
    for (var message : messages) {
      if (message.length() > limits.messageBytesMax()) {
        throw MalformedDocumentException.limit("the message of a change is too long");
      }
      if (!message.equals(previous) && !Bytes.utf8(message.toUtf8()).equals(message)) {
        throw MalformedDocumentException.structure("the message of a change is not UTF-8");
      }
      previous = message;
    }
  }
}
