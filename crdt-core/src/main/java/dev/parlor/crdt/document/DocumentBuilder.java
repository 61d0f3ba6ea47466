package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Builds a document chunk from an older chunk, if there is one, and later changes. The result has
 * the columns that Automerge writes if it loads the chunk and applies the changes in the same
 * order. Only a column of 256 bytes or more can differ, because another implementation of DEFLATE
 * compresses it.
 *
 * <h2>Memory and time</h2>
 *
 * Changes are read one after the other into arrays, without an object for each operation. An
 * operation takes up to 100 bytes, and a pair of an operation and its successor up to 24 more; see
 * {@link #heapBytes}. The time is linear, except that distinct keys are sorted.
 *
 * <p>If a change depends on a change of the older chunk that is not one of its heads, all changes
 * of that chunk are encoded once to find their hashes, which takes as much memory as reading the
 * chunk.
 */
public final class DocumentBuilder {

  // Upper estimates of heap bytes, from the arrays of the tables, which grow by half.
  private static final int OPERATION_BYTES = 120;
  private static final int CHANGE_BYTES = 160;

  private final DocumentLimits limits = DocumentLimits.STORED;
  private final @Nullable UnreadDocument snapshot;
  private final ChangeTable changes;
  private final OperationTable operations;
  private final Successors successors = new Successors();
  private final List<ActorId> actors = new ArrayList<>();
  private final Map<ActorId, Integer> actorNumbers = new HashMap<>();

  /** The number of changes of each actor. */
  private int[] sequences = new int[8];

  private final ChangePositions positions = new ChangePositions();

  /** Whether {@link #positions} has all changes of the snapshot, and not only its heads. */
  private boolean knowsAllHashes;

  /** The positions of changes that are dependencies. */
  private final BitSet isDependency = new BitSet();

  private DocumentBuilder(@Nullable UnreadDocument snapshot) throws MalformedDocumentException {
    this.snapshot = snapshot;
    if (snapshot == null) {
      changes = ChangeTable.empty();
      operations = OperationTable.empty();
      knowsAllHashes = true;
      return;
    }
    snapshot.actors().forEach(this::number);
    changes = snapshot.changeTable();
    operations = snapshot.operationTable();
    for (var i = 0; i < changes.size(); i++) {
      sequences[changes.actor(i)] = changes.sequence(i);
      for (var dependency : changes.dependencies(i)) {
        isDependency.set(dependency);
      }
    }
    addSnapshotHeads(snapshot);
  }

  /**
   * Builds the chunk.
   *
   * @param snapshot a document chunk of this server
   * @param changes admitted changes, each after its dependencies; a change of the snapshot is
   *     skipped
   * @return the chunk, or the fault if a change cannot be part of a document
   */
  public static Decoding<Bytes> build(Optional<Bytes> snapshot, Iterable<Bytes> changes) {
    if (snapshot.isEmpty()) {
      return build((UnreadDocument) null, changes);
    }
    return DocumentCodec.open(snapshot.get(), DocumentLimits.STORED)
        .flatMap(unread -> build(unread, changes));
  }

  private static Decoding<Bytes> build(@Nullable UnreadDocument snapshot, Iterable<Bytes> changes) {
    try {
      var builder = new DocumentBuilder(snapshot);
      for (var change : changes) {
        switch (ChangeCodec.decode(change, builder.limits.change())) {
          case Decoding.Decoded<ChangeChunk>(var decoded) -> builder.add(decoded);
          case Decoding.Malformed<ChangeChunk>(var rule, var reason) -> {
            return Decoding.malformed(rule, reason);
          }
        }
      }
      return Decoding.of(builder.write());
    } catch (MalformedDocumentException e) {
      return Decoding.malformed(e.rule(), e.reason());
    }
  }

  /**
   * An upper estimate of the heap that {@link #build} takes beside its arguments.
   *
   * @param operations the operations of all changes, the deletions included
   * @param changeBytes the bytes of all changes in plain form, for the values and the result
   */
  public static long heapBytes(long changes, long operations, long changeBytes) {
    return CHANGE_BYTES * changes + OPERATION_BYTES * operations + 2 * changeBytes;
  }

  private void addSnapshotHeads(UnreadDocument read) {
    var headChanges = read.headChanges();
    for (var i = 0; i < headChanges.length; i++) {
      if (headChanges[i] < changes.size() && !isDependency.get(headChanges[i])) {
        positions.add(read.heads().get(i), headChanges[i]);
      }
    }
  }

  private void add(ChangeChunk change) throws MalformedDocumentException {
    var actor = number(change.actor());
    if (change.seq() <= sequences[actor] && position(change.hash()) != ChangePositions.ABSENT) {
      return;
    }
    if (change.seq() != sequences[actor] + 1) {
      throw MalformedDocumentException.structure("the changes of an actor are not in order");
    }
    var dependencies = new int[change.deps().size()];
    for (var i = 0; i < dependencies.length; i++) {
      dependencies[i] = position(change.deps().get(i));
      if (dependencies[i] == ChangePositions.ABSENT) {
        throw MalformedDocumentException.structure("a dependency of a change is missing");
      }
      isDependency.set(dependencies[i]);
    }
    var read = new ChangeOperations(change, numbers(change, actor));
    while (read.next()) {
      add(read);
    }
    sequences[actor]++;
    positions.add(change.hash(), changes.size());
    var message = change.message().isEmpty() ? null : Bytes.utf8(change.message());
    changes.append(
        actor, change.seq(), read.counter(), change.time(), message, dependencies, read.extra());
  }

  private void add(ChangeOperations read) throws MalformedDocumentException {
    if (read.action() != OperationTable.DELETE) {
      operations.append(read);
    }
    var id = OperationTable.pack(read.actor(), read.counter());
    for (var i = 0; i < read.predecessorCount(); i++) {
      successors.add(read.nextPredecessor(), id);
    }
  }

  private int[] numbers(ChangeChunk change, int author) {
    var others = change.otherActors();
    var numbers = new int[others.size() + 1];
    numbers[0] = author;
    for (var i = 0; i < others.size(); i++) {
      numbers[i + 1] = number(others.get(i));
    }
    return numbers;
  }

  private int number(ActorId actor) {
    var known = actorNumbers.get(actor);
    if (known != null) {
      return known;
    }
    var number = actors.size();
    // A copy: the chunk of the change can be large.
    var copy = new ActorId(Bytes.wrap(actor.bytes().toArray()));
    actors.add(copy);
    actorNumbers.put(copy, number);
    if (number == sequences.length) {
      sequences = Arrays.copyOf(sequences, number * 2);
    }
    return number;
  }

  private int position(ChangeHash hash) throws MalformedDocumentException {
    var position = positions.position(hash);
    if (position == ChangePositions.ABSENT && !knowsAllHashes) {
      addAllHashes();
      position = positions.position(hash);
    }
    return position;
  }

  private void addAllHashes() throws MalformedDocumentException {
    knowsAllHashes = true;
    if (snapshot != null) {
      var hashes = snapshot.hashes();
      for (var i = 0; i < hashes.size(); i++) {
        positions.add(hashes.get(i), i);
      }
    }
  }

  private Bytes write() throws MalformedDocumentException {
    if (snapshot != null && snapshot.headChanges().length != snapshot.heads().size()) {
      addAllHashes();
    }
    var order = IntStream.range(0, actors.size()).boxed().sorted(Comparator.comparing(actors::get));
    var sortedActors = order.map(actors::get).toList();
    var ranks = new int[actors.size()];
    for (var rank = 0; rank < ranks.length; rank++) {
      ranks[actorNumbers.getOrDefault(sortedActors.get(rank), 0)] = rank;
    }
    changes.renumberActors(ranks);
    operations.renumberActors(ranks);
    successors.renumberActors(ranks);
    var ids = new OperationIds(operations);
    successors.addTo(operations, ids);
    var heads = positions.without(isDependency);
    return DocumentWriter.write(
        sortedActors,
        heads.stream().map(ChangePositions.Located::hash).toList(),
        heads.stream().mapToInt(ChangePositions.Located::position).toArray(),
        changes,
        operations,
        OperationSorter.order(operations, ids));
  }
}
