package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.ChangeStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A document that was read from the store. It applies commands to the {@link DocumentState}, and
 * connects the state with the store, compaction, metrics and health. Belongs to the document's
 * worker.
 */
final class OpenDocument implements ServedDocument {

  private static final Logger LOG = LoggerFactory.getLogger(OpenDocument.class);

  private final DocumentId id;
  private final RelayServices services;
  private final DocumentDirectory directory;
  private final ChangeStore store;
  private final DocumentWorker worker;
  private final DocumentState state;
  private final DocumentCompaction compaction;

  /** The channel to the other nodes; null when no other nodes serve the document. */
  private final NodeBus.@Nullable Channel channel;

  private boolean leaving;

  /** Answers commands in place of the state once the document is deleted; null before. */
  private @Nullable DeletedDocument deleted;

  /** Whether the store refused changes at the last report. */
  private boolean reportedRefusal;

  /**
   * @param worker receives the results of the store and of compaction as commands
   */
  OpenDocument(
      DocumentId id,
      RelayServices services,
      DocumentDirectory directory,
      ChangeStore store,
      Compactor compactor,
      DocumentWorker worker,
      DocumentLoader.Loaded loaded,
      NodeBus.@Nullable Channel channel,
      long now) {
    this.id = id;
    this.services = services;
    this.directory = directory;
    this.store = store;
    this.worker = worker;
    this.channel = channel;
    this.state = new DocumentState(id, services, loaded, this::append, channel, now);
    this.compaction =
        new DocumentCompaction(
            id,
            services,
            compactor,
            state,
            loaded.covered(),
            result -> worker.forcePut(new DocumentCommand.Compacted(result)));
  }

  private void append(int from, List<ChangeStore.ChangeRecord> records) {
    var _ =
        store
            .append(id, records)
            .whenComplete(
                (_, failure) ->
                    worker.forcePutAndWork(
                        new DocumentCommand.Appended(from, Optional.ofNullable(failure))));
  }

  @Override
  public long step(List<DocumentCommand> commands, long now) {
    for (var i = 0; i < commands.size(); i++) {
      handle(commands.get(i), now);
    }
    var wait = state.settle(now);
    worker.setUnfinishedCost(state.unfinishedCost());
    measure(commands, now);
    reportRefusal(state.hasRefusedAppends());
    compaction.startIfDue();
    return wait;
  }

  private void handle(DocumentCommand command, long now) {
    var answering = deleted;
    if (answering != null && DeletedDocument.answers(command)) {
      answering.answer(command);
      return;
    }
    switch (command) {
      case DocumentCommand.Receive(var peer, var inbound, _) -> state.receive(peer, inbound, now);
      case DocumentCommand.ReceiveEphemeral(var peer, var message) ->
          state.receiveEphemeral(peer, message);
      case DocumentCommand.Leave(var peer, var goodbye) -> {
        state.leave(peer, goodbye);
        if (answering != null) {
          answering.forget(peer);
        }
      }
      case DocumentCommand.ReceiveFromNode(var inbound) -> state.receiveFromNode(inbound);
      case DocumentCommand.ReceiveEphemeralFromNode(var message) ->
          state.receiveEphemeralFromNode(message);
      case DocumentCommand.BusResumed() -> state.busResumed();
      case DocumentCommand.Submit(var changes, var author, var expectedHeads, var done) -> {
        if (expectedHeads.filter(heads -> !state.hasHeads(heads)).isPresent()) {
          done.completeExceptionally(new HeadsChangedException());
        } else {
          state.submit(changes, author, done);
        }
      }
      case DocumentCommand.Broadcast(var data) -> state.broadcast(data);
      case DocumentCommand.BroadcastAs(var sender, var session, var count, var data) ->
          state.broadcastAs(sender, session, count, data);
      case DocumentCommand.Observe(var observer) -> state.observe(observer);
      case DocumentCommand.Unobserve(var observer) -> state.unobserve(observer);
      case DocumentCommand.Flush(var done) -> state.flush(done);
      case DocumentCommand.ReadChanges(var since, var done) -> state.readChanges(since, done);
      case DocumentCommand.Tick() -> {}
      case DocumentCommand.Appended(var from, var failure) -> state.appended(from, failure, now);
      case DocumentCommand.Compacted(var result) -> compaction.ended(result);
      case DocumentCommand.Describe(var inDetail, var done) ->
          done.complete(state.describe(inDetail).with(compaction.isRunning(), leaving));
      case DocumentCommand.Compact(var done) -> compaction.request(done);
      case DocumentCommand.Close(var done) -> {
        leaving = true;
        done.complete(state.disconnectAll());
      }
      case DocumentCommand.Delete(var done) -> delete(done);
      case DocumentCommand.Restored(var done) -> {
        if (answering == null) {
          done.complete(null);
        } else {
          leaving = true;
          answering.awaitEnd(done);
        }
      }
    }
  }

  /**
   * The document was deleted: tells its peers. From now on a {@link DeletedDocument} answers. It
   * takes the place of this document as soon as all changes are on disk and no compaction runs.
   */
  private void delete(CompletableFuture<Void> done) {
    var answering = deleted;
    if (answering == null) {
      answering = new DeletedDocument(id, services);
      deleted = answering;
      state.dismissAll(answering::tell, DeletedDocument.reason());
    }
    answering.awaitEnd(done);
  }

  /**
   * Measures how long the oldest sync message of this step waited in the mailbox. For the oldest
   * message with changes, also measures the time from its receipt to its frames in every outbox.
   */
  private void measure(List<DocumentCommand> commands, long now) {
    if (commands.isEmpty()) {
      return;
    }
    services.metrics().documentQueueDepth(commands.size());
    var oldest = true;
    for (var command : commands) {
      if (!(command instanceof DocumentCommand.Receive(_, var inbound, var receivedAt))) {
        continue;
      }
      if (oldest) {
        services.metrics().documentQueueDwell(now - receivedAt);
        oldest = false;
      }
      if (!inbound.changes().isEmpty()) {
        services.metrics().dispatched(services.nanoTime().getAsLong() - receivedAt);
        return;
      }
    }
  }

  /** Reports when the store begins to refuse changes, and when it accepts them again. */
  private void reportRefusal(boolean storeRefuses) {
    if (storeRefuses != reportedRefusal) {
      reportedRefusal = storeRefuses;
      directory.storeRefuses(storeRefuses);
      if (storeRefuses) {
        LOG.error(
            "document {}: the store refuses its changes; they stay in memory for a retry", id);
      } else {
        LOG.info("document {}: its changes are on disk again", id);
      }
    }
  }

  @Override
  public boolean isUnused() {
    // The document stays in memory until a running compaction ends. Otherwise the next worker of
    // this document could start a second compaction.
    return state.isIdle() && !compaction.isRunning();
  }

  @Override
  public @Nullable ServedDocument successor() {
    return deleted;
  }

  @Override
  public boolean isLeaving() {
    return leaving;
  }

  @Override
  public void evicted() {
    services.metrics().documentEvicted();
    LOG.debug("document {} left memory", id);
  }

  @Override
  public void fail(Throwable cause) {
    state.fail(cause);
  }

  @Override
  public void end() {
    if (channel != null) {
      channel.close();
    }
    compaction.abandon();
    reportRefusal(false);
    if (deleted != null) {
      deleted.end();
    }
  }
}
