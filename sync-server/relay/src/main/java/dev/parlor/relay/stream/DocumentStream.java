package dev.parlor.relay.stream;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.ChangeOrigin;
import dev.parlor.relay.document.DocumentChanges;
import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.document.DocumentObserver;
import dev.parlor.relay.document.SubmissionException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The events of one document for one client. Changes that arrive while the client is written to
 * become one event, so a stream takes little memory however slowly the client reads. One thread
 * calls {@link #next}; the other methods are safe from any thread.
 */
public final class DocumentStream implements AutoCloseable {
  private static final String DELETED_RULE = "DD1";
  private static final long INTERVAL_NANOS =
      TimeUnit.MILLISECONDS.toNanos(FixedLimits.STREAM_INTERVAL_MILLIS);

  /** The reason of a stream that the server ends because it stops. */
  private static final String RESTART = "restart";

  private final DocumentHandle document;
  private final StreamPermission permission;
  private final LongSupplier nanoTime;
  private final Runnable onClose;
  private final Observer observer = new Observer();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();

  // Guarded by the lock.
  private boolean changed;
  private @Nullable Throwable failure;
  private @Nullable String endReason;

  // Of the reading thread.
  private Optional<String> resumeAt;
  private boolean started;
  private boolean ended;
  private List<ChangeHash> heads = List.of();
  private long notBefore;

  /**
   * @param resumeAt the id of the last event that the client has; empty for a new client
   * @param onClose called once when the stream is closed
   */
  DocumentStream(
      DocumentHandle document,
      StreamPermission permission,
      Optional<String> resumeAt,
      LongSupplier nanoTime,
      Runnable onClose) {
    this.document = document;
    this.permission = permission;
    this.resumeAt = resumeAt;
    this.nanoTime = nanoTime;
    this.onClose = onClose;
    this.notBefore = nanoTime.getAsLong();
    document.observe(observer);
  }

  /**
   * Waits for the next event. After an event that ends the stream, every event is {@link
   * StreamEvent.Ended}.
   *
   * @param waitMillis the time after which the event is {@link StreamEvent.Idle}
   */
  public StreamEvent next(long waitMillis) throws InterruptedException {
    if (ended) {
      return new StreamEvent.Ended("");
    }
    var event = read(nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(waitMillis));
    ended = event instanceof StreamEvent.Deleted || event instanceof StreamEvent.Ended;
    return event;
  }

  private StreamEvent read(long until) throws InterruptedException {
    while (true) {
      var now = nanoTime.getAsLong();
      var end = permission.check(now);
      if (end.isPresent()) {
        return new StreamEvent.Ended(end.get());
      }
      if (!started) {
        return start();
      }
      lock.lock();
      try {
        if (endReason != null) {
          return new StreamEvent.Ended(endReason);
        }
        var cause = failure;
        if (cause != null) {
          return failed(cause);
        }
        var wait = Math.min(until - now, permission.nanosToCheck(now));
        if (!changed || notBefore > now) {
          if (until <= now) {
            return new StreamEvent.Idle();
          }
          wait = changed ? Math.min(wait, notBefore - now) : wait;
          if (wait > 0) {
            var _ = woken.awaitNanos(wait);
          }
          continue;
        }
        changed = false;
      } finally {
        lock.unlock();
      }
      var event = changes();
      if (event.isPresent()) {
        return event.get();
      }
    }
  }

  /** The first event. */
  private StreamEvent start() throws InterruptedException {
    started = true;
    if (resumeAt.isEmpty()) {
      return read(document.heads(), read -> new StreamEvent.Ready(read.heads()));
    }
    var known = StreamPosition.parse(resumeAt.get());
    resumeAt = Optional.empty();
    if (known.isEmpty()) {
      return read(document.heads(), read -> new StreamEvent.Reload(read.heads()));
    }
    return read(
        document.changesSince(known.get()),
        read -> {
          if (!read.knowsAll()) {
            return new StreamEvent.Reload(read.heads());
          }
          return read.chunks().isEmpty() ? new StreamEvent.Ready(read.heads()) : event(read);
        });
  }

  private Optional<StreamEvent> changes() throws InterruptedException {
    var before = heads;
    var event = read(document.changesSince(before), DocumentStream::event);
    notBefore = nanoTime.getAsLong() + INTERVAL_NANOS;
    return event instanceof StreamEvent.Changed read && read.changes() == 0
        ? Optional.empty()
        : Optional.of(event);
  }

  private static StreamEvent event(DocumentChanges read) {
    return new StreamEvent.Changed(
        read.heads(), List.copyOf(read.actors(FixedLimits.EVENT_ACTORS_MAX)), read.chunks().size());
  }

  /** Makes an event from what is read of the document. */
  @FunctionalInterface
  private interface EventOf {
    StreamEvent changes(DocumentChanges read);
  }

  private StreamEvent read(CompletableFuture<DocumentChanges> future, EventOf event)
      throws InterruptedException {
    try {
      var read = future.get(FixedLimits.STREAM_READ_SECONDS_MAX, TimeUnit.SECONDS);
      heads = read.heads();
      return event.changes(read);
    } catch (ExecutionException e) {
      return failed(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException _) {
      return new StreamEvent.Ended("unavailable");
    }
  }

  private static StreamEvent failed(Throwable cause) {
    return cause instanceof SubmissionException refusal && refusal.rule().equals(DELETED_RULE)
        ? new StreamEvent.Deleted()
        : new StreamEvent.Ended("unavailable");
  }

  /** Asks again whether the client may read the document. */
  void decideAgain() {
    permission.decideAgain();
    wake(() -> {});
  }

  /** Ends the stream because the server stops. */
  void end() {
    wake(() -> endReason = RESTART);
  }

  private void wake(Runnable change) {
    lock.lock();
    try {
      change.run();
      woken.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    document.unobserve(observer);
    onClose.run();
  }

  /** Wakes the stream; called on the document's worker. */
  private final class Observer implements DocumentObserver {
    @Override
    public boolean needsContent() {
      return false;
    }

    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {}

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {
      wake(() -> changed = true);
    }

    @Override
    public void peerJoined(PeerId peer, Caller caller) {}

    @Override
    public void peerLeft(PeerId peer, Caller caller) {}

    @Override
    public void failed(Throwable cause) {
      wake(() -> failure = cause);
    }
  }
}
