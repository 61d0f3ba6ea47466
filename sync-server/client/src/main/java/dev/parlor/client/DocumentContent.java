package dev.parlor.client;

import dev.parlor.client.store.DocumentFile;
import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.graph.PendingLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.sync.SyncMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The changes of one document, and the replica that shows them. Every change is checked by its
 * operations before the replica gets it, since a crafted change can abort the native library. Used
 * with the document's lock held.
 */
final class DocumentContent implements AutoCloseable {

  /**
   * What a sync message brought.
   *
   * @param added the changes that entered, those that had waited included
   * @param refused a sentence for each change that cannot enter
   */
  record Received(List<ChangeChunk> added, List<String> refused) {}

  private static final Object SOURCE = "changes";
  private static final int UNREAD_MAX = 16;

  /** The limits of a relay do not bind a client: it takes what its server has. */
  private static final OperationLimits OPERATIONS =
      new OperationLimits(64 << 20, 1 << 16, 1 << 16, 64 << 20, 60, 1 << 24);

  private static final PendingLimits PENDING =
      new PendingLimits(1_000_000, 512L << 20, 1_000_000, 512L << 20);

  private final ActorId actor;
  private final CheckedGraph graph = new CheckedGraph(OPERATIONS);
  private final PendingChanges pending = new PendingChanges(PENDING);
  private final Set<ChangeHash> refused = new HashSet<>();
  private Replica replica;

  private DocumentContent(ActorId actor) {
    this.actor = actor;
    this.replica = Replica.create(actor);
  }

  /** Creates an empty document. */
  static DocumentContent empty(ActorId actor) {
    return new DocumentContent(actor);
  }

  /** Loads the changes of a file. A change without its dependencies waits for them. */
  static DocumentContent load(DocumentFile.Contents contents, ActorId actor) {
    var content = new DocumentContent(actor);
    var result = new Received(new ArrayList<>(), new ArrayList<>());
    for (var change : contents.changes()) {
      content.offer(change, result);
    }
    content.show(result, contents.snapshot(), contents.snapshotChanges());
    return content;
  }

  ChangeGraph graph() {
    return graph.graph();
  }

  Replica replica() {
    return replica;
  }

  /** Whether this change of the server cannot enter. */
  boolean isRefused(ChangeHash hash) {
    return refused.contains(hash);
  }

  /** The dependencies of waiting changes. */
  List<ChangeHash> missing() {
    return pending.missing();
  }

  /** Whether changes wait for a dependency. They are in the file, but not in the replica. */
  boolean hasWaitingChanges() {
    return pending.size() > 0;
  }

  /**
   * Runs the edits as one change.
   *
   * @return the change; empty if the edits changed nothing
   * @throws dev.parlor.crdt.replica.ReplicaException if an edit does not fit the document
   * @throws IllegalArgumentException if no server would take the change
   */
  Optional<ChangeChunk> edit(List<Edit> edits) {
    var bytes = replica.transact(edits);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    var offer =
        ChangeCodec.decode(bytes.get(), FormatLimits.DEFAULT)
            .map(change -> new Offered(change, graph.offer(change, null)));
    if (offer instanceof Decoding.Decoded<Offered>(Offered(var change, Offer.Added _))) {
      return Optional.of(change);
    }
    rebuild(); // the replica has the change already
    throw new IllegalArgumentException(
        switch (offer) {
          case Decoding.Malformed<Offered>(var rule, var reason) -> "[" + rule + "] " + reason;
          case Decoding.Decoded<Offered>(Offered(_, Offer.Rejected(var rule, var reason))) ->
              "[" + rule + "] " + reason;
          case Decoding.Decoded<Offered>(var other) -> "the change cannot enter: " + other.offer();
        });
  }

  private record Offered(ChangeChunk change, Offer offer) {}

  /** Adds the changes of a message; Malformed if it breaks the protocol, and nothing was added. */
  Decoding<Received> receive(SyncMessage message) {
    return message.kind() == SyncMessage.Kind.CHANGES
        ? receiveChanges(message.changes())
        : receiveBlobs(message.changes());
  }

  private Decoding<Received> receiveChanges(List<Bytes> chunks) {
    return ChangeCodec.decodeEach(chunks, FormatLimits.DEFAULT, UNREAD_MAX)
        .map(
            decoded -> {
              var result = begin(decoded);
              decoded.changes().forEach(change -> offer(change, result));
              show(result, Optional.empty(), 0);
              return result;
            });
  }

  private Decoding<Received> receiveBlobs(List<Bytes> blobs) {
    return ChangeCodec.splitWithDocuments(Bytes.concat(blobs), FormatLimits.DEFAULT)
        .flatMap(
            chunks ->
                chunks.isEmpty() || !ChangeCodec.isDocument(chunks.getFirst())
                    ? receiveChanges(chunks)
                    : receiveDocument(chunks.getFirst(), chunks.subList(1, chunks.size())));
  }

  private Decoding<Received> receiveDocument(Bytes document, List<Bytes> chunks) {
    return DocumentCodec.decode(document, DocumentLimits.DEFAULT)
        .flatMap(
            contents ->
                ChangeCodec.decodeEach(chunks, FormatLimits.DEFAULT, UNREAD_MAX)
                    .map(
                        decoded -> {
                          var wasEmpty = graph().isEmpty();
                          var result = begin(decoded);
                          contents.changes().forEach(change -> offer(change, result));
                          decoded.changes().forEach(change -> offer(change, result));
                          show(
                              result,
                              wasEmpty ? Optional.of(document) : Optional.empty(),
                              contents.changes().size());
                          return result;
                        }));
  }

  private static Received begin(DecodedChanges decoded) {
    var result = new Received(new ArrayList<>(), new ArrayList<>());
    for (var unread : decoded.unread()) {
      result.refused().add("[" + unread.rule() + "] " + unread.reason());
    }
    return result;
  }

  /** Adds a change and the changes that waited for it. */
  private void offer(ChangeChunk offered, Received result) {
    var ready = new ArrayDeque<ChangeChunk>();
    ready.add(offered);
    while (!ready.isEmpty()) {
      var change = ready.remove();
      switch (graph.offer(change, null)) {
        case Offer.Added _ -> {
          result.added().add(change);
          ready.addAll(pending.release(change.hash()));
        }
        case Offer.Duplicate _ -> {}
        case Offer.MissingDependencies missing -> {
          if (pending.hold(SOURCE, change, missing) == PendingChanges.Held.FULL) {
            result.refused().add("[SY7] too many changes wait for a dependency");
          }
        }
        case Offer.Rejected(var rule, var reason) -> {
          refused.add(change.hash());
          refused.addAll(pending.dropFollowers(SOURCE, change.hash()));
          result.refused().add("[" + rule + "] " + reason);
        }
      }
    }
  }

  /**
   * Shows changes in the replica.
   *
   * @param snapshot a document chunk with the first changes, if the replica is empty
   */
  private void show(Received result, Optional<Bytes> snapshot, int snapshotChanges) {
    var added = result.added();
    var hasWholeSnapshot =
        result.refused().isEmpty()
            && pending.size() == 0
            && added.size() >= snapshotChanges
            && added.size() == graph().size();
    if (snapshot.isPresent() && hasWholeSnapshot) {
      var later = plain(added.subList(snapshotChanges, added.size()));
      replica.close();
      replica = Replica.load(snapshot, later, actor);
    } else {
      replica.apply(plain(added));
    }
    if (!replica.heads().equals(graph().heads())) {
      rebuild();
    }
  }

  /** Loads the replica anew from all changes of the graph. */
  private void rebuild() {
    var all = new ArrayList<Bytes>(graph().size());
    for (var position = 0; position < graph().size(); position++) {
      all.add(graph().chunkAt(position));
    }
    replica.close();
    replica = Replica.load(Optional.empty(), all, actor);
  }

  private static List<Bytes> plain(List<ChangeChunk> changes) {
    return changes.stream().map(ChangeChunk::plain).toList();
  }

  @Override
  public void close() {
    replica.close();
  }
}
