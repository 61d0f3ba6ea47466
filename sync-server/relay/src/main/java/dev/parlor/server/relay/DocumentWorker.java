package dev.parlor.server.relay;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.nodes.NodeBus;
import dev.parlor.server.storage.ChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one document in memory. It has no thread: the caller that adds the first command to the
 * mailbox makes sure that a thread works on it. At most one thread works at a time, in steps. A
 * step takes all commands from the mailbox and applies them to the {@link DocumentState}. Short
 * steps run on the connection's or the store's thread; all others run on a virtual thread {@code
 * room-<id>}. A document leaves memory when it is unused, and ends when its state fails.
 *
 * <p>A document that cannot be read is quarantined [DU4]: its peers are told that it is
 * unavailable, and none of their changes is acknowledged. Other documents are not affected.
 */
final class DocumentWorker {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentWorker.class);

  /** Steps in a row before the thread is released: the disk often answers at once. */
  private static final int STEPS_IN_A_ROW = 3;

  private final DocumentId id;
  private final RelayServices context;
  private final DocumentDirectory directory;
  private final ChangeStore store;
  private final Compactor compactor;
  private final Mailbox mailbox;

  // The fields below belong to the thread that works on the document; the mailbox's lock publishes
  // them to the next thread.

  /** Null before loading, in quarantine and after the end. */
  private @Nullable DocumentState state;

  /** Null when no other nodes serve the document, and before loading. */
  private NodeBus.@Nullable Line line;

  private List<DocumentCommand> spare = new ArrayList<>();
  private boolean compacting;

  /** The request that started the running compaction; null when the worker started it itself. */
  private @Nullable CompletableFuture<Compaction> compactionAsked;

  private int compactionTakes;

  /** Whether the document leaves memory as soon as it is unused, without waiting for idleness. */
  private boolean leaving;

  private long unfinishedWeight;
  private int compactionTriedAt;
  private boolean inTrouble;
  private long usedAt;
  private long timerAt;
  private @Nullable ScheduledFuture<?> timer;

  /** Waits for {@link #opened} or {@link #unreadable}; commands wait in the mailbox meanwhile. */
  DocumentWorker(
      DocumentId id,
      RelayServices context,
      DocumentDirectory directory,
      ChangeStore store,
      Compactor compactor) {
    this.id = id;
    this.context = context;
    this.directory = directory;
    this.store = store;
    this.compactor = compactor;
    this.mailbox =
        new Mailbox(context.limits().rooms().queueMax(), context.limits().work().portionBytesMax());
    context.metrics().roomOpened();
  }

  /** The document is loaded; the loader's thread takes the first step. */
  void opened(DocumentLoader.Loaded loaded) {
    compactionTriedAt = loaded.covered();
    usedAt = context.nanoTime().getAsLong();
    if (!context.isAlone()) {
      line = context.bus().join(id, subscriber());
    }
    state = new DocumentState(id, context, loaded, this::append, line, usedAt);
    work();
  }

  private BusSubscriber subscriber() {
    return new BusSubscriber(id, directory.decoder(), this::put);
  }

  /** The document cannot be read, as the loader found. */
  void unreadable() {
    usedAt = context.nanoTime().getAsLong();
    work();
  }

  // For the callers that add commands.

  /**
   * Adds a connection's command; {@code CLOSED} when this worker's successor is in the directory.
   */
  Mailbox.Put put(DocumentCommand command, long weight, StepExecutor executor) {
    var put = mailbox.put(command, weight, executor);
    if (put == Mailbox.Put.WAKE) {
      executor.later(this::visit);
    }
    return put;
  }

  /**
   * Adds a command of the server itself; false when this worker's successor is in the directory.
   */
  boolean force(DocumentCommand command) {
    var put = mailbox.force(command);
    if (put == Mailbox.Put.WAKE) {
      background();
    }
    return put != Mailbox.Put.CLOSED;
  }

  /** Like {@link #force}, for a thread that has the time for a short step. */
  private void forceAndVisit(DocumentCommand command) {
    if (mailbox.force(command) == Mailbox.Put.WAKE) {
      visit();
    }
  }

  private void visit() {
    work(context.limits().work().visitBytesMax());
  }

  private void background() {
    Thread.ofVirtual().name("document-" + id).start(this::work);
  }

  // For the worker.

  private void work() {
    work(Long.MAX_VALUE);
  }

  /** Takes steps; when more than {@code bytesMax} bytes wait, leaves them to a separate thread. */
  private void work(long bytesMax) {
    try {
      for (var steps = 0; steps < STEPS_IN_A_ROW && mailbox.bytes() <= bytesMax; steps++) {
        if (step()) {
          end();
          return;
        }
        if (mailbox.rest()) {
          return;
        }
      }
      background();
    } catch (Throwable failure) {
      fail(failure);
      end();
    }
  }

  /**
   * Takes one step.
   *
   * @return whether the document has left memory
   */
  private boolean step() {
    var commands = mailbox.take(spare);
    var now = context.nanoTime().getAsLong();
    for (var i = 0; i < commands.size(); i++) {
      if (isUse(commands.get(i))) {
        usedAt = now;
      }
    }
    var over = state == null ? quarantined(commands, now) : live(state, commands, now);
    commands.clear();
    spare = commands;
    return over;
  }

  private static boolean isUse(DocumentCommand command) {
    return switch (command) {
      case DocumentCommand.Tick _,
          DocumentCommand.Describe _,
          DocumentCommand.Heard _,
          DocumentCommand.HeardSaid _,
          DocumentCommand.Resumed _ ->
          false;
      case DocumentCommand.Receive _,
          DocumentCommand.Say _,
          DocumentCommand.Leave _,
          DocumentCommand.Submit _,
          DocumentCommand.Broadcast _,
          DocumentCommand.Observe _,
          DocumentCommand.Unobserve _,
          DocumentCommand.Appended _,
          DocumentCommand.Compacted _,
          DocumentCommand.Compact _,
          DocumentCommand.Dismiss _,
          DocumentCommand.Flush _ ->
          true;
    };
  }

  private boolean live(DocumentState state, List<DocumentCommand> commands, long now) {
    for (var i = 0; i < commands.size(); i++) {
      handle(state, commands.get(i), now);
    }
    var wait = state.settle(now);
    if (unfinishedWeight != state.unfinishedWeight()) {
      unfinishedWeight = state.unfinishedWeight();
      mailbox.unfinished(unfinishedWeight);
    }
    measure(commands, now);
    trouble(state.inTrouble());
    compact(state);
    // A running compaction must end before a successor of this worker can start one.
    if (state.isIdle() && !compacting) {
      if (isOver(now) && mailbox.closeIfEmpty()) {
        context.metrics().roomEvicted();
        LOG.debug("document {} left memory", id);
        return true;
      }
      wait = Math.min(wait, idleNanos() - (now - usedAt));
    }
    lookAgainIn(wait, now);
    return false;
  }

  private void handle(DocumentState state, DocumentCommand command, long now) {
    switch (command) {
      case DocumentCommand.Receive(var peer, var inbound, _) -> state.receive(peer, inbound, now);
      case DocumentCommand.Say(var peer, var message) -> state.receiveEphemeral(peer, message);
      case DocumentCommand.Leave(var peer, var goodbye) -> state.leave(peer, goodbye);
      case DocumentCommand.Heard(var inbound) -> state.receiveFromNode(inbound);
      case DocumentCommand.HeardSaid(var message) -> state.receiveEphemeralFromNode(message);
      case DocumentCommand.Resumed() -> state.busResumed();
      case DocumentCommand.Submit(var changes, var done) -> state.submit(changes, done);
      case DocumentCommand.Broadcast(var data) -> state.broadcast(data);
      case DocumentCommand.Observe(var observer) -> state.observe(observer);
      case DocumentCommand.Unobserve(var observer) -> state.unobserve(observer);
      case DocumentCommand.Appended(var from, _, var failure) -> state.appended(from, failure, now);
      case DocumentCommand.Compacted(var snapshot) -> {
        compacting = false;
        snapshot.ifPresent(state::compacted);
        answer(
            snapshot
                .<Compaction>map(
                    made -> new Compaction.Done(compactionTakes, made.chunk().length()))
                .orElseGet(Compaction.Failed::new));
      }
      case DocumentCommand.Describe(var inDetail, var done) ->
          done.complete(state.describe(inDetail).with(compacting, leaving));
      case DocumentCommand.Compact(var done) -> compactNow(state, done);
      case DocumentCommand.Dismiss(var done) -> {
        leaving = true;
        done.complete(state.disconnectAll());
      }
      case DocumentCommand.Flush(var done) -> state.flush(done);
      case DocumentCommand.Tick() -> {}
    }
  }

  /** Schedules a step in this many nanoseconds at the latest; most documents need none. */
  private void lookAgainIn(long nanos, long now) {
    var pending = timer;
    if (nanos == Long.MAX_VALUE) {
      return;
    }
    var at = now + Math.max(0, nanos);
    if (pending != null && !pending.isDone()) {
      // A timer that is due may have triggered this very step without being done yet.
      if (timerAt - now > 0 && timerAt - at <= 0) {
        return;
      }
      pending.cancel(false);
    }
    timerAt = at;
    timer =
        directory
            .timers()
            .schedule(() -> force(new DocumentCommand.Tick()), at - now, TimeUnit.NANOSECONDS);
  }

  private void append(int from, int to, List<ChangeStore.ChangeRecord> records) {
    var _ =
        store
            .append(id, records)
            .whenComplete(
                (_, failure) ->
                    forceAndVisit(
                        new DocumentCommand.Appended(from, to, Optional.ofNullable(failure))));
  }

  private void compact(DocumentState state) {
    if (compacting || !context.isAlone()) {
      return;
    }
    var graph = state.committedGraph();
    if (graph.isPresent()
        && graph.get().size() - compactionTriedAt
            >= context.limits().storage().compactAfterChanges()
        && state.operations() <= context.limits().storage().compactOperationsMax()
        && compactor.mayCompact(id)) {
      compact(state, graph.get());
    }
  }

  private void compact(DocumentState state, ChangeGraph graph) {
    compacting = true;
    compactionTriedAt = graph.size();
    compactor.compact(
        id, graph, state.snapshot(), snapshot -> force(new DocumentCommand.Compacted(snapshot)));
  }

  /** Like {@link #compact}, but on request, so that the length of the log does not matter. */
  private void compactNow(DocumentState state, CompletableFuture<Compaction> done) {
    var graph = state.committedGraph();
    if (!context.isAlone()) {
      // A snapshot replaces the previous one, and may lack changes that another node's snapshot
      // contains.
      done.complete(new Compaction.Refused("shared", "other servers keep this document as well"));
    } else if (!compactor.mayCompact(id)) {
      done.complete(new Compaction.Refused("quarantined", "it may have killed a process [AD8]"));
    } else if (state.operations() > context.limits().storage().compactOperationsMax()) {
      done.complete(new Compaction.Refused("too-large", "it has too many operations for that"));
    } else if (compacting) {
      done.complete(new Compaction.Refused("running", "a compaction runs already"));
    } else if (graph.isEmpty()) {
      done.complete(new Compaction.Refused("uncommitted", "some changes are not on disk yet"));
    } else {
      var since = state.snapshot().map(SyncEncoder.Snapshot::heads).orElse(List.of());
      compactionTakes = graph.get().since(since).length;
      if (compactionTakes == 0) {
        done.complete(new Compaction.Refused("nothing-new", "the snapshot holds every change"));
      } else {
        compactionAsked = done;
        compact(state, graph.get());
      }
    }
  }

  private void answer(Compaction outcome) {
    var asked = compactionAsked;
    compactionAsked = null;
    if (asked != null) {
      asked.complete(outcome);
    }
  }

  /**
   * Measures how long the oldest received message waited, and how long it took to reach every
   * outbox.
   */
  private void measure(List<DocumentCommand> commands, long now) {
    if (commands.isEmpty()) {
      return;
    }
    context.metrics().roomQueueDepth(commands.size());
    var oldest = true;
    for (var command : commands) {
      if (!(command instanceof DocumentCommand.Receive(_, var inbound, var receivedAt))) {
        continue;
      }
      if (oldest) {
        context.metrics().roomQueueDwell(now - receivedAt);
        oldest = false;
      }
      if (!inbound.changes().isEmpty()) {
        context.metrics().dispatched(context.nanoTime().getAsLong() - receivedAt);
        return;
      }
    }
  }

  private void trouble(boolean now) {
    if (now != inTrouble) {
      inTrouble = now;
      directory.trouble(now);
      if (now) {
        LOG.error(
            "document {}: the store refuses its changes; they stay in memory for a retry", id);
      } else {
        LOG.info("document {}: its changes are on disk again", id);
      }
    }
  }

  /** Handles a defect of the server: logs it, and ends only this document. */
  private void fail(Throwable failure) {
    LOG.error("document {} failed", id, failure);
    context.metrics().roomFailed();
    var left = mailbox.close();
    var broken = state;
    if (broken != null) {
      try {
        broken.fail(failure);
      } catch (RuntimeException e) {
        LOG.error("document {} failed, and so did its cleanup", id, e);
      }
    }
    for (var command : left) {
      switch (command) {
        case DocumentCommand.Receive(var peer, _, _) ->
            peer.close(CloseCodes.DEFECT, "room", "this document failed on the server; reconnect");
        case DocumentCommand.Submit(_, var done) -> done.completeExceptionally(lost(failure));
        case DocumentCommand.Flush(var done) -> done.completeExceptionally(lost(failure));
        case DocumentCommand.Describe(_, var done) -> done.completeExceptionally(lost(failure));
        case DocumentCommand.Compact(var done) -> done.completeExceptionally(lost(failure));
        case DocumentCommand.Dismiss(var done) -> done.completeExceptionally(lost(failure));
        case DocumentCommand.Observe(var observer) -> observer.failed(failure);
        case DocumentCommand.Say _,
            DocumentCommand.Heard _,
            DocumentCommand.HeardSaid _,
            DocumentCommand.Resumed _,
            DocumentCommand.Leave _,
            DocumentCommand.Broadcast _,
            DocumentCommand.Unobserve _,
            DocumentCommand.Appended _,
            DocumentCommand.Compacted _,
            DocumentCommand.Tick _ -> {}
      }
    }
  }

  private static SubmissionException lost(Throwable cause) {
    return new SubmissionException("room", "the document failed", cause);
  }

  /** Answers that the document is unavailable, until no requests come any more. */
  private boolean quarantined(List<DocumentCommand> commands, long now) {
    var reason = new SubmissionException("DU4", "the document cannot be read and is quarantined");
    for (var command : commands) {
      switch (command) {
        case DocumentCommand.Receive(var peer, _, _) -> unavailable(peer);
        case DocumentCommand.Submit(_, var done) -> done.completeExceptionally(reason);
        case DocumentCommand.Flush(var done) -> done.complete(null);
        case DocumentCommand.Describe(_, var done) ->
            done.complete(DocumentDescription.quarantined(id, leaving));
        case DocumentCommand.Compact(var done) ->
            done.complete(new Compaction.Refused("quarantined", "the document cannot be read"));
        case DocumentCommand.Dismiss(var done) -> {
          leaving = true;
          done.complete(0);
        }
        case DocumentCommand.Observe(var observer) -> observer.failed(reason);
        case DocumentCommand.Say _,
            DocumentCommand.Heard _,
            DocumentCommand.HeardSaid _,
            DocumentCommand.Resumed _,
            DocumentCommand.Leave _,
            DocumentCommand.Broadcast _,
            DocumentCommand.Unobserve _,
            DocumentCommand.Appended _,
            DocumentCommand.Compacted _,
            DocumentCommand.Tick _ -> {}
      }
    }
    if (isOver(now) && mailbox.closeIfEmpty()) {
      return true;
    }
    lookAgainIn(idleNanos() - (now - usedAt), now);
    return false;
  }

  private void unavailable(Peer peer) {
    peer.offer(
        WireCodec.shared(new WireMessage.DocUnavailable(context.server(), peer.id(), id)),
        WireCodec.target(peer.id()));
    peer.flush();
  }

  private void end() {
    state = null;
    if (line != null) {
      line.close();
    }
    answer(new Compaction.Failed());
    if (timer != null) {
      timer.cancel(false);
    }
    trouble(false);
    directory.gone(id, this);
    context.metrics().roomClosed();
  }

  private boolean isOver(long now) {
    return leaving || now - usedAt >= idleNanos();
  }

  private long idleNanos() {
    return TimeUnit.SECONDS.toNanos(context.limits().rooms().idleSeconds());
  }
}
