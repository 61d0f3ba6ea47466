package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChunkEncoder;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;

/**
 * Writes a document chunk from the tables of a document, in the form in which Automerge writes it.
 * The chunk holds nothing else of the received bytes, so a column that is unknown or encoded in
 * another form does not reach other peers.
 */
final class DocumentWriter {

  /** Columns from this length on are deflated, as by Automerge. */
  private static final int DEFLATE_BYTES_MIN = 256;

  private static final int DEFLATED_BIT = 8;
  private static final int BYTES_TYPE = 7;

  private record Column(int specification, Bytes bytes) {}

  private DocumentWriter() {}

  /**
   * The chunk.
   *
   * @param heads the heads, ascending
   * @param headChanges the position of the change of each head
   * @param order the positions of the operations in Automerge's order, without the deletions
   */
  static Bytes write(
      List<ActorId> actors,
      List<ChangeHash> heads,
      int[] headChanges,
      ChangeTable changes,
      OperationTable operations,
      int[] order) {
    var changeColumns = columns(changes);
    var operationColumns = columns(operations, order);
    var out = new ByteWriter(1_024);
    out.uleb(actors.size());
    for (var actor : actors) {
      out.prefixed(actor.bytes());
    }
    out.hashes(heads);
    writeTable(out, changeColumns);
    writeTable(out, operationColumns);
    changeColumns.forEach(column -> out.bytes(column.bytes()));
    operationColumns.forEach(column -> out.bytes(column.bytes()));
    for (var change : headChanges) {
      out.uleb(change);
    }
    return ChunkEncoder.document(out);
  }

  private static void writeTable(ByteWriter out, List<Column> columns) {
    out.uleb(columns.size());
    for (var column : columns) {
      out.uleb(column.specification()).uleb(column.bytes().length());
    }
  }

  private static List<Column> columns(ChangeTable changes) {
    var actors = ColumnWriter.ofNumbers();
    var sequences = ColumnWriter.ofDifferences();
    var lastOperations = ColumnWriter.ofDifferences();
    var times = ColumnWriter.ofDifferences();
    var messages = ColumnWriter.ofTexts();
    var dependencyCounts = ColumnWriter.ofNumbers();
    var dependencies = ColumnWriter.ofDifferences();
    var extraMetas = ColumnWriter.ofNumbers();
    var extras = new ByteWriter(16);
    for (var i = 0; i < changes.size(); i++) {
      actors.append(changes.actor(i));
      sequences.append(changes.sequence(i));
      lastOperations.append(changes.lastOperation(i));
      times.append(changes.time(i));
      messages.append(changes.messageOrNull(i));
      var positions = changes.dependencies(i);
      dependencyCounts.append(positions.length);
      for (var position : positions) {
        dependencies.append(position);
      }
      extraMetas.append(((long) changes.extra(i).length() << 4) | BYTES_TYPE);
      extras.bytes(changes.extra(i));
    }
    var columns = new ArrayList<Column>();
    add(columns, ChangeTable.ACTOR, actors.finish());
    add(columns, ChangeTable.SEQUENCE, sequences.finish());
    add(columns, ChangeTable.LAST_OPERATION, lastOperations.finish());
    add(columns, ChangeTable.TIME, times.finish());
    add(columns, ChangeTable.MESSAGE, messages.finish());
    add(columns, ChangeTable.DEPENDENCY_GROUP, dependencyCounts.finish());
    add(columns, ChangeTable.DEPENDENCY, dependencies.finish());
    add(columns, ChangeTable.EXTRA_META, extraMetas.finish());
    add(columns, ChangeTable.EXTRA_RAW, extras);
    return columns;
  }

  private static List<Column> columns(OperationTable operations, int[] order) {
    var objectActors = ColumnWriter.ofNumbers();
    var objectCounters = ColumnWriter.ofNumbers();
    var keyActors = ColumnWriter.ofNumbers();
    var keyCounters = ColumnWriter.ofDifferences();
    var keyStrings = ColumnWriter.ofTexts();
    var actors = ColumnWriter.ofNumbers();
    var counters = ColumnWriter.ofDifferences();
    var inserts = new FlagWriter();
    var actions = ColumnWriter.ofNumbers();
    var metas = ColumnWriter.ofNumbers();
    var values = new ByteWriter(1_024);
    var groups = ColumnWriter.ofNumbers();
    var successorActors = ColumnWriter.ofNumbers();
    var successorCounters = ColumnWriter.ofDifferences();
    var expands = new FlagWriter();
    var markNames = ColumnWriter.ofTexts();
    for (var i : order) {
      objectActors.appendOrNull(operations.objectActor(i));
      objectCounters.appendOrNull(operations.objectCounter(i));
      keyActors.appendOrNull(operations.keyActor(i));
      keyCounters.appendOrNull(operations.keyCounter(i));
      keyStrings.append(operations.keyString(i));
      actors.append(operations.actor(i));
      counters.append(operations.counter(i));
      inserts.append(operations.isInsert(i));
      actions.append(operations.action(i));
      metas.append(operations.valueMeta(i));
      values.bytes(operations.value(i));
      var end = operations.endOfSuccessors(i);
      groups.append(end - operations.firstSuccessor(i));
      for (var s = operations.firstSuccessor(i); s < end; s++) {
        successorActors.append(OperationTable.actorOf(operations.successor(s)));
        successorCounters.append(OperationTable.counterOf(operations.successor(s)));
      }
      expands.append(operations.expands(i));
      markNames.append(operations.markName(i));
    }
    var columns = new ArrayList<Column>();
    add(columns, OperationTable.OBJECT_ACTOR, objectActors.finish());
    add(columns, OperationTable.OBJECT_COUNTER, objectCounters.finish());
    add(columns, OperationTable.KEY_ACTOR, keyActors.finish());
    add(columns, OperationTable.KEY_COUNTER, keyCounters.finish());
    add(columns, OperationTable.KEY_STRING, keyStrings.finish());
    add(columns, OperationTable.ID_ACTOR, actors.finish());
    add(columns, OperationTable.ID_COUNTER, counters.finish());
    add(columns, OperationTable.INSERT, inserts.finish(false));
    add(columns, OperationTable.ACTION, actions.finish());
    add(columns, OperationTable.VALUE_META, metas.finish());
    add(columns, OperationTable.VALUE_RAW, values);
    add(columns, OperationTable.SUCCESSOR_GROUP, groups.finish());
    add(columns, OperationTable.SUCCESSOR_ACTOR, successorActors.finish());
    add(columns, OperationTable.SUCCESSOR_COUNTER, successorCounters.finish());
    add(columns, OperationTable.EXPAND, expands.finish(true));
    add(columns, OperationTable.MARK_NAME, markNames.finish());
    return columns;
  }

  private static void add(List<Column> columns, int specification, ByteWriter written) {
    if (written.size() == 0) {
      return;
    }
    var bytes = written.toBytes();
    columns.add(
        bytes.length() < DEFLATE_BYTES_MIN
            ? new Column(specification, bytes)
            : new Column(specification | DEFLATED_BIT, deflated(bytes)));
  }

  private static Bytes deflated(Bytes bytes) {
    var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setInput(bytes.buffer());
      deflater.finish();
      var out = new ByteWriter(bytes.length() / 2 + 64);
      var buffer = new byte[8_192];
      while (!deflater.finished()) {
        var length = deflater.deflate(buffer);
        out.bytes(Bytes.wrap(buffer, 0, length));
      }
      return out.toBytes();
    } finally {
      deflater.end();
    }
  }
}
