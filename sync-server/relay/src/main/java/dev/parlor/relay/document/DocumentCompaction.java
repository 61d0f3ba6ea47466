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

  /** Compactions for one request that other nodes overtake; then: the request fails. */
  private static final int ATTEMPTS_MAX = 3;

  private sealed interface Phase {}

  /** No compaction runs. */
  private record Idle() implements Phase {}

  /** A compaction runs because the log has grown. */
  private record Automatic() implements Phase {}

  /**
   * A compaction runs on request.
   *
   * @param changes the number of changes that only the new snapshot contains
   * @param attempt counts the compactions for this request
   */
  private record Requested(CompletableFuture<CompactionOutcome> done, int changes, int attempt)
      implements Phase {}

  private final DocumentId document;
  private final RelayServices services;
  private final Compactor compactor;
  private final DocumentState state;
  private final Consumer<Compactor.Result> onDone;

  private Phase phase = new Idle();

  /**
   * A snapshot that another node stored, until this document has all its changes. The stored
   * snapshot may only be replaced by one that contains them.
   */
  private Optional<Snapshot> foreign = Optional.empty();

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
      Consumer<Compactor.Result> onDone) {
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
    if (isRunning() || !isAllowed() || !takeOverForeign()) {
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
    request(done, 1);
  }

  private void request(CompletableFuture<CompactionOutcome> done, int attempt) {
    var graph = state.committedGraph();
    if (!isAllowed()) {
      // A snapshot replaces the previous one, and may lack changes that another node's snapshot
      // contains.
      done.complete(
          new CompactionOutcome.Refused("shared", "other servers keep this document as well"));
    } else if (isTooLarge()) {
      done.complete(
          new CompactionOutcome.Refused("too-large", "the document has too many operations"));
    } else if (isRunning()) {
      done.complete(new CompactionOutcome.Refused("running", "a compaction runs already"));
    } else if (!takeOverForeign()) {
      done.complete(
          new CompactionOutcome.Refused(
              "behind", "changes of another server have not arrived here yet"));
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
        start(graph.get(), new Requested(done, changes, attempt));
      }
    }
  }

  private boolean isAllowed() {
    return services.isAlone() || compactor.isShared();
  }

  /**
   * Takes over a snapshot of another node once this document has its changes.
   *
   * @return false if some are missing, so that no snapshot may be stored
   */
  private boolean takeOverForeign() {
    if (foreign.isPresent() && state.hasChanges(foreign.get().heads())) {
      state.compacted(foreign.get());
      foreign = Optional.empty();
    }
    return foreign.isEmpty();
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

  /**
   * The compaction ended. If another node was first, its snapshot is taken over, and a request is
   * tried again; an automatic compaction waits until the log has grown again.
   */
  void ended(Compactor.Result result) {
    var ended = phase;
    phase = new Idle();
    switch (result) {
      case Compactor.Stored(var snapshot) -> {
        state.compacted(snapshot);
        if (ended instanceof Requested(var done, var changes, _)) {
          done.complete(new CompactionOutcome.Done(changes, snapshot.chunk().length()));
        }
      }
      case Compactor.Replaced(var snapshot) -> {
        foreign = snapshot;
        if (snapshot.isEmpty()) {
          state.withoutSnapshot();
        }
        if (ended instanceof Requested(var done, _, var attempt)) {
          if (attempt < ATTEMPTS_MAX) {
            request(done, attempt + 1);
          } else {
            done.complete(new CompactionOutcome.Failed());
          }
        }
      }
      case Compactor.Failed() -> {
        if (ended instanceof Requested(var done, _, _)) {
          done.complete(new CompactionOutcome.Failed());
        }
      }
    }
  }

  /** The document leaves memory: a requested compaction that still runs counts as failed. */
  void abandon() {
    if (phase instanceof Requested(var done, _, _)) {
      done.complete(new CompactionOutcome.Failed());
    }
  }
}
