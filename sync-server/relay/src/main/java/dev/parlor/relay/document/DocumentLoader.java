package dev.parlor.relay.document;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.graph.PendingLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.CorruptDocumentException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a document from the store into a graph. Runs on a loader thread and blocks on the disk. */
final class DocumentLoader {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentLoader.class);

  /** Wide limits, so that changes stored before a limit was lowered can still be read. */
  static final FormatLimits STORED = new FormatLimits(1 << 30, 1 << 20, 1 << 20, 1 << 10, 1 << 20);

  private static final PendingLimits UNBOUNDED =
      new PendingLimits(
          Integer.MAX_VALUE, Long.MAX_VALUE / 4, Integer.MAX_VALUE, Long.MAX_VALUE / 4);

  /** The same as {@link #STORED}, for operations. */
  static final OperationLimits STORED_OPERATIONS =
      new OperationLimits(
          1 << 30, 1 << 20, 1 << 20, 1 << 30, OperationLimits.DEFAULT.depthMax(), 1 << 30);

  /** The name of the table of {@link ActorOwners}. */
  private static final String OWNERS_TABLE = "authors";

  /** A document as read from the store, with its snapshot if it has one. */
  record Loaded(
      CheckedGraph checked, ChangePolicy rules, ActorOwners owners, @Nullable Snapshot snapshot) {
    ChangeGraph graph() {
      return checked.graph();
    }

    /** The number of changes in the snapshot. */
    int covered() {
      return snapshot == null ? 0 : graph().size() - graph().since(snapshot.heads()).length;
    }
  }

  private final ChangeStore store;
  private final ChangePolicy.Factory policies;
  private final OperationLimits limits;
  private final boolean alone;
  private final LongSupplier nanoTime;

  /**
   * @param limits the limits for changes that are added later
   * @param alone whether no other node writes to this store
   * @param nanoTime a monotonic clock
   */
  DocumentLoader(
      ChangeStore store,
      ChangePolicy.Factory policies,
      OperationLimits limits,
      boolean alone,
      LongSupplier nanoTime) {
    this.store = store;
    this.policies = policies;
    this.limits = limits;
    this.alone = alone;
    this.nanoTime = nanoTime;
  }

  Loaded load(DocumentId document) throws IOException {
    var checked = new CheckedGraph(STORED_OPERATIONS);
    var rules = policies.of(document, checked.index());
    var loaded = read(document, checked, rules);
    checked.limit(limits);
    return loaded;
  }

  private Loaded read(DocumentId document, CheckedGraph checked, ChangePolicy rules)
      throws IOException {
    var waiting = new PendingChanges(UNBOUNDED);
    @Nullable Snapshot snapshot = null;
    var stored = store.load(document);
    var owners = owners(document);
    if (stored.isEmpty()) {
      return new Loaded(checked, rules, owners, null);
    }
    if (stored.get().snapshot().isPresent()) {
      var chunk = stored.get().snapshot().get();
      for (var change : expand(document, chunk)) {
        add(document, checked, rules, waiting, change);
      }
      snapshot = new Snapshot(chunk, checked.graph().heads());
    }
    for (var change : stored.get().tail()) {
      add(document, checked, rules, waiting, decode(document, change.chunk()));
    }
    if (waiting.size() > 0) {
      // An earlier run of the server stored these changes, but not their dependencies. They were
      // never acknowledged, so their authors still have them.
      LOG.warn("document {}: {} stored changes lack a dependency", document, waiting.size());
    }
    return new Loaded(checked, rules, owners, snapshot);
  }

  private ActorOwners owners(DocumentId document) {
    var table = store.tableOf(document, OWNERS_TABLE);
    return alone
        ? new ActorOwners(document, table)
        : new ActorOwners(document, table, true, () -> store.refresh(document), nanoTime);
  }

  /** The changes of a snapshot. */
  private static List<ChangeChunk> expand(DocumentId document, Bytes snapshot)
      throws CorruptDocumentException {
    return switch (DocumentCodec.decode(snapshot, DocumentLimits.STORED)) {
      case Decoding.Decoded<DocumentContents>(var contents) -> contents.changes();
      case Decoding.Malformed<DocumentContents>(var rule, var reason) ->
          throw new CorruptDocumentException(document, "its snapshot: [" + rule + "] " + reason);
    };
  }

  private static ChangeChunk decode(DocumentId document, Bytes chunk)
      throws CorruptDocumentException {
    return switch (ChangeCodec.decode(chunk, STORED)) {
      case Decoding.Decoded<ChangeChunk>(var change) -> change;
      case Decoding.Malformed<ChangeChunk>(var rule, var reason) ->
          throw new CorruptDocumentException(document, "[" + rule + "] " + reason);
    };
  }

  private static void add(
      DocumentId document,
      CheckedGraph checked,
      ChangePolicy rules,
      PendingChanges waiting,
      ChangeChunk first)
      throws CorruptDocumentException {
    var ready = new ArrayDeque<ChangeChunk>();
    ready.add(first);
    while (!ready.isEmpty()) {
      var change = ready.removeFirst();
      rules.beginServerChange();
      switch (checked.offer(change, rules)) {
        case Offer.Added _ -> {
          rules.admitted();
          ready.addAll(waiting.release(change.hash()));
        }
        case Offer.Duplicate() -> {}
        case Offer.MissingDependencies missing -> waiting.hold(document, change, missing);
        case Offer.Rejected(var rule, var reason) ->
            throw new CorruptDocumentException(document, "[" + rule + "] " + reason);
      }
    }
  }
}
