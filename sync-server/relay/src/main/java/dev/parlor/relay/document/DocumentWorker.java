package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one document in memory. It has no thread: the caller that adds the first command to the
 * mailbox makes sure that a thread works on it. At most one thread works at a time, in steps. A
 * step takes all commands from the mailbox and gives them to the {@link ServedDocument}. Short
 * steps run on the connection's or the store's thread; all others run on a virtual thread {@code
 * document-<id>}. A document leaves memory when it is unused, and ends when a step fails. Other
 * documents are not affected.
 */
final class DocumentWorker {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentWorker.class);

  /** Steps in a row before the thread is released: the disk often answers at once. */
  private static final int STEPS_IN_A_ROW = 3;

  private final DocumentId id;
  private final RelayServices services;
  private final DocumentDirectory directory;
  private final ChangeStore store;
  private final Compactor compactor;
  private final Mailbox mailbox;

  // The fields below belong to the thread that works on the document; the mailbox's lock publishes
  // them to the next thread.

  private final StepTimer timer;

  /** Null before loading, and after the end so that its memory is free. */
  private @Nullable ServedDocument document;

  private List<DocumentCommand> spare = new ArrayList<>();
  private long unfinishedCost;
  private long usedAt;

  /** Waits for {@link #opened} or {@link #unreadable}; commands wait in the mailbox meanwhile. */
  DocumentWorker(
      DocumentId id,
      RelayServices services,
      DocumentDirectory directory,
      ChangeStore store,
      Compactor compactor) {
    this.id = id;
    this.services = services;
    this.directory = directory;
    this.store = store;
    this.compactor = compactor;
    this.mailbox =
        new Mailbox(
            services.limits().documents().queueMax(), services.limits().work().portionBytesMax());
    this.timer = new StepTimer(directory.timers(), () -> force(new DocumentCommand.Tick()));
    services.metrics().documentOpened();
  }

  /** The document is loaded; the loader's thread takes the first step. */
  void opened(DocumentLoader.Loaded loaded) {
    usedAt = services.nanoTime().getAsLong();
    var channel =
        services.isAlone()
            ? null
            : services.bus().join(id, new BusSubscriber(id, directory.decoder(), this::put));
    document =
        new OpenDocument(id, services, directory, store, compactor, this, loaded, channel, usedAt);
    work();
  }

  /** The document cannot be read, as the loader found. */
  void unreadable() {
    usedAt = services.nanoTime().getAsLong();
    document = new QuarantinedDocument(id, services);
    work();
  }

  // For the callers that add commands.

  /**
   * Adds a connection's command; {@code CLOSED} when this worker's successor is in the directory.
   */
  Mailbox.Put put(DocumentCommand command, long cost, StepExecutor executor) {
    var put = mailbox.put(command, cost, executor);
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
  void forceAndVisit(DocumentCommand command) {
    if (mailbox.force(command) == Mailbox.Put.WAKE) {
      visit();
    }
  }

  private void visit() {
    work(services.limits().work().shortStepBytesMax());
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
      for (var steps = 0; steps < STEPS_IN_A_ROW && mailbox.cost() <= bytesMax; steps++) {
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
   * @return whether the document leaves memory
   */
  private boolean step() {
    var current = Objects.requireNonNull(document, "a step before the document is loaded");
    var commands = mailbox.take(spare);
    var now = services.nanoTime().getAsLong();
    for (var i = 0; i < commands.size(); i++) {
      if (commands.get(i).isUse()) {
        usedAt = now;
      }
    }
    var wait = current.step(commands, now);
    commands.clear();
    spare = commands;
    if (current.isUnused()) {
      if (mayLeave(current, now) && mailbox.closeIfEmpty()) {
        current.evicted();
        return true;
      }
      wait = Math.min(wait, idleNanos() - (now - usedAt));
    }
    timer.stepWithin(wait, now);
    return false;
  }

  private boolean mayLeave(ServedDocument unused, long now) {
    return unused.isLeaving() || now - usedAt >= idleNanos();
  }

  private long idleNanos() {
    return TimeUnit.SECONDS.toNanos(services.limits().documents().idleSeconds());
  }

  /** Sets the cost of the messages that were taken but are not completely admitted. */
  void setUnfinishedCost(long cost) {
    if (unfinishedCost != cost) {
      unfinishedCost = cost;
      mailbox.setUnfinishedCost(cost);
    }
  }

  /** Handles a defect of the server: logs it, and ends only this document. */
  private void fail(Throwable failure) {
    LOG.error("document {} failed", id, failure);
    services.metrics().documentFailed();
    var left = mailbox.close();
    if (document != null) {
      try {
        document.fail(failure);
      } catch (RuntimeException e) {
        LOG.error("document {} failed, and so did its cleanup", id, e);
      }
    }
    var reason = new SubmissionException("room", "the document failed", failure);
    for (var command : left) {
      switch (command) {
        case DocumentCommand.Receive(var peer, _, _) ->
            peer.close(CloseCodes.DEFECT, "room", "this document failed on the server; reconnect");
        case DocumentCommand.Awaited awaited -> awaited.done().completeExceptionally(reason);
        case DocumentCommand.Observe(var observer) -> observer.failed(failure);
        case DocumentCommand.Unanswered _ -> {}
      }
    }
  }

  private void end() {
    if (document != null) {
      document.end();
      document = null;
    }
    timer.cancel();
    directory.gone(id, this);
    services.metrics().documentClosed();
  }
}
