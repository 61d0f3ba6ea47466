package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A document chunk whose columns are inflated and counted, but not read. {@link #heapBytes} tells
 * the memory that {@link #read} takes before it is taken. Immutable.
 */
public final class UnreadDocument {

  // Upper estimates of heap bytes, from the fields of the tables and the records.
  private static final int OPERATION_BYTES = 160;
  private static final int CHANGE_BYTES = 640;
  private static final int DEPENDENCY_BYTES = 48;

  private final List<ActorId> actors;
  private final List<ChangeHash> heads;
  private final int[] headChanges;
  private final DocumentColumns changeColumns;
  private final DocumentColumns operationColumns;
  private final DocumentLimits limits;
  private final int changes;
  private final int dependencies;
  private final int operations;
  private final int successors;

  UnreadDocument(
      List<ActorId> actors,
      List<ChangeHash> heads,
      int[] headChanges,
      DocumentColumns changeColumns,
      DocumentColumns operationColumns,
      int chunkBytes,
      DocumentLimits limits)
      throws MalformedDocumentException {
    this.actors = actors;
    this.heads = heads;
    this.headChanges = headChanges;
    this.changeColumns = changeColumns;
    this.operationColumns = operationColumns;
    this.limits = limits;
    var operationsMax = limits.operationsMaxOf(chunkBytes);
    changes =
        within(
            ColumnCount.items(changeColumns.column(ChangeTable.ACTOR)),
            Math.min(limits.changesMax(), operationsMax),
            "changes");
    dependencies =
        within(
            ColumnCount.sum(changeColumns.column(ChangeTable.DEPENDENCY_GROUP)),
            operationsMax,
            "dependencies");
    var listed = ColumnCount.items(operationColumns.column(OperationTable.ACTION));
    operations = within(listed, operationsMax, "operations");
    successors =
        within(
            ColumnCount.sum(operationColumns.column(OperationTable.SUCCESSOR_GROUP)),
            operationsMax - operations,
            "operations");
    if (heapBytes() > limits.heapBytesMax()) {
      throw MalformedDocumentException.limit(
          "reading the document takes "
              + (heapBytes() >>> 20)
              + " MiB of memory, and at most "
              + (limits.heapBytesMax() >>> 20)
              + " MiB are free for that");
    }
  }

  private static int within(long count, int max, String items) throws MalformedDocumentException {
    if (count > max) {
      throw MalformedDocumentException.limit(
          "the document has more than " + max + " " + items + ", too many for its length");
    }
    return (int) count;
  }

  /** An upper estimate of the heap that reading takes, the changes included. */
  public long heapBytes() {
    return (long) OPERATION_BYTES * (operations + successors)
        + (long) CHANGE_BYTES * changes
        + (long) DEPENDENCY_BYTES * dependencies
        + 2L * (changeColumns.bytes() + operationColumns.bytes());
  }

  /**
   * Reads and encodes all changes. Their hashes are right if and only if they lead to the heads.
   */
  public Decoding<DocumentContents> read() {
    return read(false);
  }

  /** As {@link #read}, and also writes the chunk anew, so that it can be sent to other peers. */
  public Decoding<DocumentContents> readAndRewrite() {
    return read(true);
  }

  private Decoding<DocumentContents> read(boolean rewrites) {
    try {
      return Decoding.of(readChanges(rewrites));
    } catch (MalformedDocumentException e) {
      return Decoding.malformed(e.rule(), e.reason());
    }
  }

  private DocumentContents readChanges(boolean rewrites) throws MalformedDocumentException {
    var table = changeTable();
    var readOperations = operationTable(operations + successors);
    var encoded = new ArrayList<ChangeChunk>(table.size());
    encode(table, readOperations, encoded::add);
    var sortedHeads = heads.stream().sorted().toList();
    var rewritten =
        rewrites && OperationOrder.isKept(readOperations, operations)
            ? Optional.of(rewritten(sortedHeads, encoded, table, readOperations))
            : Optional.<Bytes>empty();
    return new DocumentContents(encoded, sortedHeads, rewritten);
  }

  /** Encodes all changes one after the other, and proves them by the heads. */
  private void encode(
      ChangeTable table, OperationTable readOperations, Consumer<ChangeChunk> receiver)
      throws MalformedDocumentException {
    var links = OperationLinks.of(table, readOperations, actors.size());
    var encoder = new ChangeEncoder(actors, table, readOperations, links);
    var hashes = new ArrayList<ChangeHash>(table.size());
    Set<ChangeHash> expectedHeads = new HashSet<>();
    var bytes = 0L;
    for (var i = 0; i < table.size(); i++) {
      var change = encoder.encode(i, dependencies(table, i, hashes));
      bytes += change.plain().length();
      check(change, bytes);
      hashes.add(change.hash());
      change.deps().forEach(expectedHeads::remove);
      expectedHeads.add(change.hash());
      receiver.accept(change);
    }
    if (expectedHeads.size() != heads.size() || !expectedHeads.containsAll(heads)) {
      throw MalformedDocumentException.structure(
          "the changes of the document do not lead to its heads");
    }
  }

  /** Whether the chunks are equal byte for byte when the columns of both are inflated. */
  public boolean isSameInflated(UnreadDocument other) {
    return actors.equals(other.actors)
        && heads.equals(other.heads)
        && Arrays.equals(headChanges, other.headChanges)
        && changeColumns.hasSameColumns(other.changeColumns)
        && operationColumns.hasSameColumns(other.operationColumns);
  }

  List<ActorId> actors() {
    return actors;
  }

  List<ChangeHash> heads() {
    return heads;
  }

  /** The position of the change of each of the {@link #heads}; empty if the chunk lacks them. */
  int[] headChanges() {
    return headChanges;
  }

  ChangeTable changeTable() throws MalformedDocumentException {
    var table = ChangeTable.read(changeColumns, actors.size(), changes, dependencies, limits);
    table.checkMessages(limits.change());
    return table;
  }

  /** The operations of the chunk, without the deletions. */
  OperationTable operationTable() throws MalformedDocumentException {
    return operationTable(operations);
  }

  private OperationTable operationTable(int capacity) throws MalformedDocumentException {
    return OperationTable.read(operationColumns, actors.size(), capacity, successors);
  }

  /** The hashes of all changes. This encodes each change, but keeps none. */
  List<ChangeHash> hashes() throws MalformedDocumentException {
    var hashes = new ArrayList<ChangeHash>(changes);
    encode(
        changeTable(),
        operationTable(operations + successors),
        change -> hashes.add(change.hash()));
    return hashes;
  }

  private Bytes rewritten(
      List<ChangeHash> sortedHeads,
      List<ChangeChunk> encoded,
      ChangeTable table,
      OperationTable readOperations) {
    var positions = new HashMap<ChangeHash, Integer>();
    var headSet = new HashSet<>(sortedHeads);
    for (var i = 0; i < encoded.size(); i++) {
      if (headSet.contains(encoded.get(i).hash())) {
        positions.put(encoded.get(i).hash(), i);
      }
    }
    var headChanges =
        sortedHeads.stream().mapToInt(head -> positions.getOrDefault(head, 0)).toArray();
    return DocumentWriter.write(
        actors,
        sortedHeads,
        headChanges,
        table,
        readOperations,
        IntStream.range(0, operations).toArray());
  }

  private static List<ChangeHash> dependencies(
      ChangeTable table, int change, List<ChangeHash> known) throws MalformedDocumentException {
    var positions = table.dependencies(change);
    if (positions.length == 1) {
      return List.of(known.get(positions[0]));
    }
    var hashes = new ArrayList<ChangeHash>(positions.length);
    for (var position : positions) {
      hashes.add(known.get(position));
    }
    hashes.sort(null);
    for (var i = 1; i < hashes.size(); i++) {
      if (hashes.get(i).equals(hashes.get(i - 1))) {
        throw MalformedDocumentException.structure("a change depends on a change twice");
      }
    }
    return hashes;
  }

  private void check(ChangeChunk change, long bytes) throws MalformedDocumentException {
    var max = limits.change().plainBytesMax();
    if (change.plain().length() > max) {
      throw MalformedDocumentException.limit("a change of the document exceeds " + max + " bytes");
    }
    if (change.otherActors().size() > limits.change().actorsMax()) {
      throw MalformedDocumentException.limit("a change of the document names too many actors");
    }
    // Run lengths can repeat a long text in each of a million changes.
    if (bytes > limits.changeBytesMax()) {
      throw MalformedDocumentException.limit(
          "the changes of the document exceed " + limits.changeBytesMax() + " bytes");
    }
  }
}
