package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChunkEncoder;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Encodes the changes of a document as their authors encoded them. */
final class ChangeEncoder {

  static final int[] SPECIFICATIONS = {
    0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73, 0x94, 0xa5
  };

  private final List<ActorId> actors;
  private final ChangeTable changes;
  private final OperationTable operations;
  private final OperationLinks links;

  /** The number of each of the document's actors in the current change; -1 for other actors. */
  private final int[] actorNumbers;

  private int[] usedActors = new int[8];
  private int usedActorCount;

  private final ColumnWriter objectActors = ColumnWriter.ofNumbers();
  private final ColumnWriter objectCounters = ColumnWriter.ofNumbers();
  private final ColumnWriter keyActors = ColumnWriter.ofNumbers();
  private final ColumnWriter keyCounters = ColumnWriter.ofDifferences();
  private final ColumnWriter keyStrings = ColumnWriter.ofTexts();
  private final FlagWriter inserts = new FlagWriter();
  private final ColumnWriter actions = ColumnWriter.ofNumbers();
  private final ColumnWriter valueMetas = ColumnWriter.ofNumbers();
  private final ColumnWriter predecessorCounts = ColumnWriter.ofNumbers();
  private final ColumnWriter predecessorActors = ColumnWriter.ofNumbers();
  private final ColumnWriter predecessorCounters = ColumnWriter.ofDifferences();
  private final FlagWriter expands = new FlagWriter();
  private final ColumnWriter markNames = ColumnWriter.ofTexts();
  private final ByteWriter values = new ByteWriter(16);

  /** All columns of numbers and texts. */
  private final List<ColumnWriter> columnWriters =
      List.of(
          objectActors,
          objectCounters,
          keyActors,
          keyCounters,
          keyStrings,
          actions,
          valueMetas,
          predecessorCounts,
          predecessorActors,
          predecessorCounters,
          markNames);

  private final ByteWriter columns = new ByteWriter(256);
  private final ChunkEncoder chunks = new ChunkEncoder();

  ChangeEncoder(
      List<ActorId> actors, ChangeTable changes, OperationTable operations, OperationLinks links) {
    this.actors = actors;
    this.changes = changes;
    this.operations = operations;
    this.links = links;
    this.actorNumbers = new int[actors.size()];
    Arrays.fill(actorNumbers, -1);
  }

  /**
   * Encodes a change.
   *
   * @param dependencies the hashes of its dependencies, strictly ascending
   */
  ChangeChunk encode(int change, List<ChangeHash> dependencies) throws MalformedDocumentException {
    var first = changes.lastOperation(change) - (long) links.count(change) + 1;
    if (first < 1) {
      throw MalformedDocumentException.structure("the first operation of a change is not above 0");
    }
    numberActors(change);
    var header =
        new ChunkEncoder.Header(
            dependencies,
            actors.get(changes.actor(change)),
            changes.sequence(change),
            first,
            changes.time(change),
            changes.message(change),
            otherActors());
    var encoded = chunks.encode(header, encodedColumns(change));
    for (var i = 0; i < usedActorCount; i++) {
      actorNumbers[usedActors[i]] = -1;
    }
    return encoded;
  }

  private List<ActorId> otherActors() {
    if (usedActorCount == 1) {
      return List.of();
    }
    var others = new ArrayList<ActorId>(usedActorCount - 1);
    for (var i = 1; i < usedActorCount; i++) {
      others.add(actors.get(usedActors[i]));
    }
    return others;
  }

  private ByteWriter encodedColumns(int change) {
    appendOperations(change);
    ByteWriter[] finished = {
      objectActors.finish(),
      objectCounters.finish(),
      keyActors.finish(),
      keyCounters.finish(),
      keyStrings.finish(),
      inserts.finish(false),
      actions.finish(),
      valueMetas.finish(),
      values,
      predecessorCounts.finish(),
      predecessorActors.finish(),
      predecessorCounters.finish(),
      expands.finish(true),
      markNames.finish()
    };
    var count = 0;
    for (var column : finished) {
      count += column.size() == 0 ? 0 : 1;
    }
    columns.clear();
    columns.uleb(count);
    for (var i = 0; i < finished.length; i++) {
      if (finished[i].size() > 0) {
        columns.uleb(SPECIFICATIONS[i]).uleb(finished[i].size());
      }
    }
    for (var column : finished) {
      columns.bytes(column);
    }
    clear();
    return columns.bytes(changes.extra(change));
  }

  private void clear() {
    for (var column : columnWriters) {
      column.clear();
    }
    inserts.clear();
    expands.clear();
    values.clear();
  }

  /** Numbers the actors that the change refers to: the author is 0, the others follow in order. */
  private void numberActors(int change) {
    usedActorCount = 0;
    use(changes.actor(change));
    for (var i = 0; i < links.count(change); i++) {
      var operation = links.operation(change, i);
      use(operations.objectActor(operation));
      use(operations.keyActor(operation));
      for (var predecessor : links.predecessors(operation)) {
        use(operations.actor(predecessor));
      }
    }
    Arrays.sort(usedActors, 1, usedActorCount);
    for (var i = 0; i < usedActorCount; i++) {
      actorNumbers[usedActors[i]] = i;
    }
  }

  private void use(int actor) {
    if (actor == OperationTable.NONE || actorNumbers[actor] >= 0) {
      return;
    }
    if (usedActorCount == usedActors.length) {
      usedActors = Arrays.copyOf(usedActors, usedActorCount * 2);
    }
    actorNumbers[actor] = 0;
    usedActors[usedActorCount++] = actor;
  }

  private int number(int actor) {
    return actor == OperationTable.NONE ? OperationTable.NONE : actorNumbers[actor];
  }

  private void appendOperations(int change) {
    for (var i = 0; i < links.count(change); i++) {
      var operation = links.operation(change, i);
      objectActors.appendOrNull(number(operations.objectActor(operation)));
      objectCounters.appendOrNull(operations.objectCounter(operation));
      keyActors.appendOrNull(number(operations.keyActor(operation)));
      keyCounters.appendOrNull(operations.keyCounter(operation));
      keyStrings.append(operations.keyString(operation));
      inserts.append(operations.isInsert(operation));
      actions.append(operations.action(operation));
      valueMetas.append(operations.valueMeta(operation));
      values.bytes(operations.value(operation));
      var predecessors = links.predecessors(operation);
      predecessorCounts.append(predecessors.length);
      for (var predecessor : predecessors) {
        predecessorActors.append(number(operations.actor(predecessor)));
        predecessorCounters.append(operations.counter(predecessor));
      }
      expands.append(operations.expands(operation));
      markNames.append(operations.markName(operation));
    }
  }
}
