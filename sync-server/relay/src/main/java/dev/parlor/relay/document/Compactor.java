package dev.parlor.relay.document;

import dev.parlor.crdt.document.DocumentBuilder;
import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.SnapshotReplacedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts one document: builds a snapshot in plain Java on a separate thread and hands it to the
 * store, which then deletes the log that the snapshot replaces [DU3]. After a failure the log is
 * unchanged.
 */
final class Compactor {

  private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

  /** The end of a compaction. */
  sealed interface Result {}

  /** The store has the new snapshot. */
  record Stored(Snapshot snapshot) implements Result {}

  /**
   * The log is unchanged, because another node stored another snapshot.
   *
   * @param snapshot the other node's snapshot; empty if the document has none any more
   */
  record Replaced(Optional<Snapshot> snapshot) implements Result {}

  /** The log is unchanged; the reason is logged. */
  record Failed() implements Result {}

  /** Reading an older snapshot can take this many times the heap of building from changes. */
  private static final int OLDER_SNAPSHOT_HEAP_FACTOR = 3;

  private final ChangeStore store;
  private final Executor thread;
  private final Metrics metrics;
  private final long heapBytesMax;

  /**
   * @param heapBytesMax heap that building a snapshot may take, by an upper estimate; above: the
   *     document gets no snapshot
   */
  Compactor(ChangeStore store, Executor thread, Metrics metrics, long heapBytesMax) {
    this.store = store;
    this.thread = thread;
    this.metrics = metrics;
    this.heapBytesMax = heapBytesMax;
  }

  /** Whether other nodes may compact the same documents at the same time. */
  boolean isShared() {
    return store.isCompactedByNodes();
  }

  /** Whether building a snapshot of the document would take too much of the heap. */
  boolean isTooLarge(ChangeGraph graph, long operations) {
    return heapBytes(graph, operations) > heapBytesMax;
  }

  private static long heapBytes(ChangeGraph graph, long operations) {
    return DocumentBuilder.heapBytes(graph.size(), operations, graph.chunkBytes());
  }

  /**
   * Starts a compaction; reads the graph before it returns.
   *
   * @param graph the document's graph, whose changes are all committed
   * @param operations the number of operations in all changes
   * @param done called once, from another thread
   */
  void compact(
      DocumentId document,
      ChangeGraph graph,
      long operations,
      Optional<Snapshot> previous,
      Consumer<Result> done) {
    var covered = new HashSet<ChangeHash>();
    var later = graph.since(previous.map(Snapshot::heads).orElse(List.of()));
    for (var position : later) {
      covered.add(graph.hashAt(position));
    }
    var heapBytes = heapBytes(graph, operations);
    var older =
        heapBytes * OLDER_SNAPSHOT_HEAP_FACTOR <= heapBytesMax
            ? previous
            : Optional.<Snapshot>empty();
    var since = older.equals(previous) ? later : graph.since(List.of());
    var changes = new ArrayList<Bytes>(since.length);
    for (var position : since) {
      changes.add(graph.chunkAt(position));
    }
    var heads = graph.heads();
    thread.execute(
        () -> {
          var started = System.nanoTime();
          try {
            switch (build(older.map(Snapshot::chunk), changes, heapBytes)) {
              case Decoding.Decoded<Bytes>(var chunk) ->
                  store(document, previous, new Snapshot(chunk, heads), covered, started, done);
              case Decoding.Malformed<Bytes>(var rule, var reason) ->
                  failed(document, new IllegalStateException("[" + rule + "] " + reason), done);
            }
          } catch (RuntimeException e) {
            failed(document, e, done);
          }
        });
  }

  private static Decoding<Bytes> build(Optional<Bytes> older, List<Bytes> changes, long heapBytes) {
    if (heapBytes <= FixedLimits.SMALL_DOCUMENT_HEAP_BYTES_MAX) {
      return DocumentBuilder.build(older, changes);
    }
    DocumentDecoder.LARGE_DOCUMENTS.acquireUninterruptibly();
    try {
      return DocumentBuilder.build(older, changes);
    } finally {
      DocumentDecoder.LARGE_DOCUMENTS.release();
    }
  }

  /**
   * Stores a chunk that plain Java wrote as the document's first snapshot.
   *
   * @param uploaded the chunk; its changes are all committed
   * @param done as for {@link #compact}
   */
  void store(DocumentId document, ChangeGraph graph, Snapshot uploaded, Consumer<Result> done) {
    var later = new HashSet<Integer>();
    for (var position : graph.since(uploaded.heads())) {
      later.add(position);
    }
    var covered = new HashSet<ChangeHash>();
    for (var position = 0; position < graph.size(); position++) {
      if (!later.contains(position)) {
        covered.add(graph.hashAt(position));
      }
    }
    var started = System.nanoTime();
    thread.execute(() -> store(document, Optional.empty(), uploaded, covered, started, done));
  }

  private void store(
      DocumentId document,
      Optional<Snapshot> previous,
      Snapshot snapshot,
      Set<ChangeHash> covered,
      long started,
      Consumer<Result> done) {
    var _ =
        store
            .compact(document, previous.map(Snapshot::chunk), snapshot.chunk(), covered)
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    metrics.compacted(System.nanoTime() - started);
                    done.accept(new Stored(snapshot));
                  } else if (failure instanceof SnapshotReplacedException replaced) {
                    thread.execute(() -> replaced(document, replaced.stored(), done));
                  } else {
                    failed(document, failure, done);
                  }
                });
  }

  /** Reads the heads of another node's snapshot. */
  private static void replaced(DocumentId document, Optional<Bytes> stored, Consumer<Result> done) {
    LOG.info("document {}: another node compacted it first", document);
    if (stored.isEmpty()) {
      done.accept(new Replaced(Optional.empty()));
      return;
    }
    DocumentDecoder.LARGE_DOCUMENTS.acquireUninterruptibly();
    try {
      switch (DocumentCodec.decode(stored.get(), DocumentLimits.STORED)) {
        case Decoding.Decoded<DocumentContents>(var contents) ->
            done.accept(new Replaced(Optional.of(new Snapshot(stored.get(), contents.heads()))));
        case Decoding.Malformed<DocumentContents>(var rule, var reason) ->
            failed(document, new IllegalStateException("[" + rule + "] " + reason), done);
      }
    } catch (RuntimeException e) {
      failed(document, e, done);
    } finally {
      DocumentDecoder.LARGE_DOCUMENTS.release();
    }
  }

  private static void failed(DocumentId document, Throwable failure, Consumer<Result> done) {
    LOG.warn("document {} keeps its log: compaction failed", document, failure);
    done.accept(new Failed());
  }
}
