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
 * Runs the steps of one document. A step takes all commands from the mailbox and passes them to the
 * {@link ServedDocument}. The worker has no thread. The caller whose command wakes the document
 * starts the work, and at most one thread works at a time. Short steps run on the connection's or
 * the store's thread; all others run on a virtual thread {@code document-<id>}. A document leaves
 * memory when it is unused, or when a step fails. Other documents are not affected.
 */
final class DocumentWorker {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentWorker.class);

  /** The number of steps that a thread runs before it hands the work to a virtual thread. */
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

  /** Null before loading, and after the end, so that its memory can be freed. */
  private @Nullable ServedDocument document;

  /** An empty list that is reused for the commands of the next step. */
  private List<DocumentCommand> spare = new ArrayList<>();

  private long unfinishedCost;
  private long lastUseAt;

  /**
   * Creates a worker whose commands wait in the mailbox until {@link #opened} or {@link
   * #unreadable}.
   */
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
    this.timer = new StepTimer(directory.timers(), () -> forcePut(new DocumentCommand.Tick()));
    services.metrics().documentOpened();
  }

  /** The document was loaded. Runs the first steps on the loader's thread. */
  void opened(DocumentLoader.Loaded loaded) {
    lastUseAt = services.nanoTime().getAsLong();
    var channel =
        services.isAlone()
            ? null
            : services.bus().join(id, new BusSubscriber(id, directory.decoder(), this::put));
    document =
        new OpenDocument(
            id, services, directory, store, compactor, this, loaded, channel, lastUseAt);
    work();
  }

  /** The document is deleted. Runs the first steps on the loader's thread. */
  void deleted() {
    lastUseAt = services.nanoTime().getAsLong();
    document = new DeletedDocument(id, services);
    work();
  }

  /** The document cannot be read. Runs the first steps on the loader's thread. */
  void unreadable() {
    lastUseAt = services.nanoTime().getAsLong();
    document = new QuarantinedDocument(id, services);
    work();
  }

  // For the callers that add commands.

  /**
   * Adds a command of a connection or of the bus. If the result is {@code CLOSED}, the directory
   * has or makes a new worker for the document.
   */
  Mailbox.PutResult put(DocumentCommand command, long cost, StepExecutor executor) {
    var result = mailbox.put(command, cost, executor);
    if (result == Mailbox.PutResult.WAKE) {
      executor.later(this::workBriefly);
    }
    return result;
  }

  /**
   * Adds a command of the server itself, even if the mailbox is full. A virtual thread runs the
   * step. False if this worker has ended.
   */
  boolean forcePut(DocumentCommand command) {
    var result = mailbox.forcePut(command);
    if (result == Mailbox.PutResult.WAKE) {
      workInBackground();
    }
    return result != Mailbox.PutResult.CLOSED;
  }

  /** Like {@link #forcePut}, but a short step runs on the calling thread. */
  void forcePutAndWork(DocumentCommand command) {
    if (mailbox.forcePut(command) == Mailbox.PutResult.WAKE) {
      workBriefly();
    }
  }

  /** Runs short steps on this thread, and leaves longer steps to a virtual thread. */
  private void workBriefly() {
    work(services.limits().work().shortStepBytesMax());
  }

  private void workInBackground() {
    Thread.ofVirtual().name("document-" + id).start(this::work);
  }

  // Steps.

  private void work() {
    work(Long.MAX_VALUE);
  }

  /** Runs steps. If the waiting cost is above {@code costMax}, a virtual thread continues. */
  private void work(long costMax) {
    try {
      for (var steps = 0; steps < STEPS_IN_A_ROW && mailbox.cost() <= costMax; steps++) {
        if (step()) {
          end();
          return;
        }
        if (mailbox.stopIfEmpty()) {
          return;
        }
      }
      workInBackground();
    } catch (Throwable failure) {
      fail(failure);
      end();
    }
  }

  /**
   * Runs one step.
   *
   * @return whether the document leaves memory
   */
  private boolean step() {
    var current = Objects.requireNonNull(document, "a step before the document is loaded");
    var commands = mailbox.take(spare);
    var now = services.nanoTime().getAsLong();
    for (var i = 0; i < commands.size(); i++) {
      if (commands.get(i).isUse()) {
        lastUseAt = now;
      }
    }
    var wait = current.step(commands, now);
    commands.clear();
    spare = commands;
    var deleted = current.isUnused() && !current.isLeaving() ? current.successor() : null;
    if (deleted != null) {
      current.end();
      document = deleted;
      current = deleted;
    }
    if (current.isUnused()) {
      if (mayLeave(current, now) && mailbox.closeIfEmpty()) {
        current.evicted();
        return true;
      }
      wait = Math.min(wait, idleNanos() - (now - lastUseAt));
    }
    timer.stepWithin(wait, now);
    return false;
  }

  private boolean mayLeave(ServedDocument unused, long now) {
    return unused.isLeaving() || now - lastUseAt >= idleNanos();
  }

  private long idleNanos() {
    return TimeUnit.SECONDS.toNanos(services.limits().documents().idleSeconds());
  }

  /** Sets the cost of the messages that are admitted in portions and not finished. */
  void setUnfinishedCost(long cost) {
    if (unfinishedCost != cost) {
      unfinishedCost = cost;
      mailbox.setUnfinishedCost(cost);
    }
  }

  /** Handles a defect of the server in a step: logs it, and ends only this document. */
  private void fail(Throwable failure) {
    LOG.error("document {} failed", id, failure);
    services.metrics().documentFailed();
    var unhandled = mailbox.close();
    if (document != null) {
      try {
        document.fail(failure);
      } catch (RuntimeException e) {
        LOG.error("document {} failed, and so did its cleanup", id, e);
      }
    }
    var reason = new SubmissionException("room", "the document failed", failure);
    for (var command : unhandled) {
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
    directory.remove(id, this);
    services.metrics().documentClosed();
  }
}
