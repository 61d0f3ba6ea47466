package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Decides when one document is compacted: when its log has grown, or on request of the operator.
 * Belongs to the document's worker; the {@link Compactor} does the work on another thread.
 */
final class DocumentCompaction {

  private sealed interface Phase {}

  /** No compaction runs. */
  private record Idle() implements Phase {}

  /** A compaction runs because the log has grown. */
  private record Automatic() implements Phase {}

  /**
   * A compaction runs on request.
   *
   * @param changes the number of changes that only the new snapshot contains
   */
  private record Requested(CompletableFuture<CompactionOutcome> done, int changes)
      implements Phase {}

  private final DocumentId document;
  private final RelayServices services;
  private final Compactor compactor;
  private final DocumentState state;
  private final Consumer<Optional<Snapshot>> onDone;

  private Phase phase = new Idle();

  /**
   * The number of changes in the document at the start of the last compaction, even if it failed.
   */
  private int sizeAtLast;

  /**
   * @param covered the number of changes in the stored snapshot
   * @param onDone called on another thread; must cause a call of {@link #ended} on the worker
   */
  DocumentCompaction(
      DocumentId document,
      RelayServices services,
      Compactor compactor,
      DocumentState state,
      int covered,
      Consumer<Optional<Snapshot>> onDone) {
    this.document = document;
    this.services = services;
    this.compactor = compactor;
    this.state = state;
    this.sizeAtLast = covered;
    this.onDone = onDone;
  }

  boolean isRunning() {
    return !(phase instanceof Idle);
  }

  /** Starts a compaction if the log has grown enough. */
  void startIfDue() {
    if (isRunning() || !services.isAlone()) {
      return;
    }
    var graph = state.committedGraph();
    if (graph.isPresent()
        && graph.get().size() - sizeAtLast >= services.limits().storage().compactAfterChanges()
        && (state.uploaded().isPresent() || !isTooLarge())) {
      start(graph.get(), new Automatic());
    }
  }

  /** Starts a compaction on request, whatever the length of the log. */
  void request(CompletableFuture<CompactionOutcome> done) {
    var graph = state.committedGraph();
    if (!services.isAlone()) {
      // A snapshot replaces the previous one, and may lack changes that another node's snapshot
      // contains.
      done.complete(
          new CompactionOutcome.Refused("shared", "other servers keep this document as well"));
    } else if (isTooLarge()) {
      done.complete(
          new CompactionOutcome.Refused("too-large", "the document has too many operations"));
    } else if (isRunning()) {
      done.complete(new CompactionOutcome.Refused("running", "a compaction runs already"));
    } else if (graph.isEmpty()) {
      done.complete(
          new CompactionOutcome.Refused("uncommitted", "some changes are not on disk yet"));
    } else {
      var since = state.snapshot().map(Snapshot::heads).orElse(List.of());
      var changes = graph.get().since(since).length;
      if (changes == 0) {
        done.complete(
            new CompactionOutcome.Refused(
                "nothing-new", "the snapshot already contains every change"));
      } else {
        start(graph.get(), new Requested(done, changes));
      }
    }
  }

  private boolean isTooLarge() {
    return state.operations() > services.limits().storage().compactOperationsMax()
        || state
            .committedGraph()
            .filter(graph -> compactor.isTooLarge(graph, state.operations()))
            .isPresent();
  }

  private void start(ChangeGraph graph, Phase running) {
    phase = running;
    var uploaded = state.uploaded();
    if (uploaded.isPresent() && running instanceof Automatic) {
      sizeAtLast = graph.size() - graph.since(uploaded.get().heads()).length;
      compactor.store(document, graph, uploaded.get(), onDone);
    } else {
      sizeAtLast = graph.size();
      compactor.compact(document, graph, state.operations(), state.snapshot(), onDone);
    }
  }

  /** The compaction ended; {@code snapshot} is empty when it failed. */
  void ended(Optional<Snapshot> snapshot) {
    snapshot.ifPresent(state::compacted);
    if (phase instanceof Requested(var done, var changes)) {
      done.complete(
          snapshot
              .<CompactionOutcome>map(
                  made -> new CompactionOutcome.Done(changes, made.chunk().length()))
              .orElseGet(CompactionOutcome.Failed::new));
    }
    phase = new Idle();
  }

  /** The document leaves memory: a requested compaction that still runs counts as failed. */
  void abandon() {
    if (phase instanceof Requested(var done, _)) {
      done.complete(new CompactionOutcome.Failed());
    }
  }
}
