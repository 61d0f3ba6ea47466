package dev.parlor.relay.webhook;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.health.Metrics;
import io.micrometer.core.instrument.Counter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The documents about which the receiver was not told everything, and the times of their
 * deliveries. Each is in the table {@link UntoldTable} and, up to a limit, also in memory. A
 * document above the limit waits in the table until there is space. Safe from any thread.
 *
 * <p>A document's delivery is due when it was quiet for {@link FixedLimits#WEBHOOK_QUIET_MILLIS},
 * or {@link FixedLimits#WEBHOOK_WAIT_MILLIS_MAX} after its first change. A deletion and a
 * restoration are due at once. A document has at most one delivery at a time.
 *
 * <p>This class is long because all its methods change the state of the same entries, each within
 * one step of the map.
 */
final class DeliveryQueue {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryQueue.class);
  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final long QUIET_NANOS = FixedLimits.WEBHOOK_QUIET_MILLIS * NANOS_PER_MILLI;
  private static final long WAIT_NANOS_MAX = FixedLimits.WEBHOOK_WAIT_MILLIS_MAX * NANOS_PER_MILLI;
  private static final long RETRY_NANOS_MIN =
      FixedLimits.WEBHOOK_RETRY_MILLIS_MIN * NANOS_PER_MILLI;
  private static final long RETRY_NANOS_MAX =
      FixedLimits.WEBHOOK_RETRY_SECONDS_MAX * 1_000 * NANOS_PER_MILLI;

  /** A document in memory. Its fields are used inside of {@code compute} of the map only. */
  private static final class Entry {
    private Untold untold;

    /** Counts the reports of changes, so that changes during a delivery are noticed. */
    private long changes;

    /** The same for deletions and restorations. */
    private long lifecycles;

    /** The number of deletions and restorations that have begun and not ended. */
    private int undecided;

    private long firstAt;
    private long lastAt;
    private long notBefore;
    private int failures;

    /** Whether a timer will look at this document, or a delivery runs. */
    private boolean watched;

    /** Whether a delivery is due or runs. */
    private boolean running;

    private @Nullable Attempt attempt;

    private Entry(Untold untold, long now) {
      this.untold = untold;
      this.firstAt = now - WAIT_NANOS_MAX;
      this.lastAt = now - WAIT_NANOS_MAX;
      this.notBefore = now;
    }

    private Attempt attempt() {
      var kept = attempt;
      return kept != null
          ? kept
          : new Attempt(untold, changes, lifecycles, false, Optional.empty());
    }

    /** Nanoseconds until a delivery is due. A delivery that failed waits for its time only. */
    private long nanosToDue(long now) {
      var isRepeated = attempt != null;
      var due =
          isRepeated || untold.lifecycle()
              ? now
              : Math.min(firstAt + WAIT_NANOS_MAX, lastAt + QUIET_NANOS);
      return Math.max(due - now, notBefore - now);
    }
  }

  /**
   * An attempt to deliver. If it fails, the next attempt sends the same delivery.
   *
   * @param untold the part that the delivery tells
   * @param changes the count of reports that it tells
   * @param lifecycles the count of deletions and restorations that it tells
   * @param isBuilt whether the delivery was made
   * @param delivery empty if there is nothing to tell
   */
  record Attempt(
      Untold untold, long changes, long lifecycles, boolean isBuilt, Optional<Delivery> delivery) {
    Attempt with(Optional<Delivery> built) {
      return new Attempt(untold, changes, lifecycles, true, built);
    }
  }

  private final UntoldTable table;
  private final int documentsMax;
  private final WebhookTimer timer;
  private final LongSupplier nanoTime;
  private final Counter overflows;
  private final ConcurrentHashMap<DocumentId, Entry> entries = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<DocumentId> due = new ConcurrentLinkedQueue<>();

  /** Counts the times that a document was left in the table only. */
  private final AtomicLong overflowed = new AtomicLong(1);

  /** The value of {@link #overflowed} up to which all documents are in memory. */
  private final AtomicLong loaded = new AtomicLong();

  private final AtomicBoolean loading = new AtomicBoolean();
  private volatile @Nullable Runnable onDue;

  /**
   * @param documentsMax the maximum number of documents in memory
   * @param nanoTime a monotonic clock
   */
  DeliveryQueue(
      UntoldTable table,
      int documentsMax,
      WebhookTimer timer,
      LongSupplier nanoTime,
      Metrics metrics) {
    this.table = table;
    this.documentsMax = documentsMax;
    this.timer = timer;
    this.nanoTime = nanoTime;
    this.overflows =
        metrics
            .meters()
            .counter(
                "parlor.webhook.overflows",
                "Reports of changes that wait on the disk, because too many documents wait");
    metrics.watch(
        "parlor.webhook.waiting",
        "Documents about which the webhooks' receiver was not told everything",
        entries::size);
  }

  /**
   * Starts deliveries, and reads what an earlier run of the server did not tell.
   *
   * @param whenDue called when a delivery is due
   */
  void start(Runnable whenDue) {
    onDue = whenDue;
    load();
  }

  /** Changes were added to a document; called on its worker. */
  void changed(DocumentId document, List<ChangeHash> headsBefore) {
    var now = nanoTime.getAsLong();
    update(
        document,
        entry -> {
          entry.changes++;
          entry.lastAt = now;
          if (entry.untold.since().isEmpty()) {
            entry.firstAt = now;
            tell(document, entry, entry.untold.withChanges(headsBefore));
          }
          return true;
        },
        untold -> untold.withChanges(headsBefore));
  }

  /** A document is about to be deleted or restored. */
  void lifecycleBegins(DocumentId document) {
    update(
        document,
        entry -> {
          entry.lifecycles++;
          entry.undecided++;
          tell(document, entry, entry.untold.withLifecycle());
          return false;
        },
        Untold::withLifecycle);
  }

  /** A document was deleted or restored, or the attempt failed. */
  void lifecycleEnded(DocumentId document) {
    update(
        document,
        entry -> {
          entry.undecided = Math.max(0, entry.undecided - 1);
          entry.watched = false; // look at once, whatever a timer waits for
          return true;
        },
        Untold::withLifecycle);
  }

  /**
   * Takes over the webhooks about a document from another node.
   *
   * @return false if this node has webhooks of its own about the document, or too many documents
   *     wait
   */
  boolean adopt(DocumentId document, Untold untold) {
    var adopted = new AtomicBoolean();
    entries.compute(
        document,
        (_, known) -> {
          var isParked = loaded.get() != overflowed.get();
          if (known != null
              || entries.size() >= documentsMax
              || (isParked && !table.find(document).isNothing())) {
            return known;
          }
          table.put(document, untold);
          adopted.set(true);
          return new Entry(untold, nanoTime.getAsLong());
        });
    if (adopted.get()) {
      timer.after(Duration.ZERO, () -> look(document));
    }
    return adopted.get();
  }

  /** Changes an entry in memory. */
  @FunctionalInterface
  private interface Change {
    /** Returns whether a timer must look at the document. */
    boolean apply(Entry entry);
  }

  /** Changes what is untold, for a document that is in the table only. */
  @FunctionalInterface
  private interface TableChange {
    Untold apply(Untold untold);
  }

  private void update(DocumentId document, Change change, TableChange inTable) {
    var mustWatch = new AtomicBoolean();
    entries.compute(
        document,
        (_, known) -> {
          var isParked = loaded.get() != overflowed.get();
          if (known == null && entries.size() >= documentsMax) {
            overflowed.incrementAndGet();
            overflows.increment();
            var untold = table.find(document);
            var more = inTable.apply(untold);
            if (!more.equals(untold)) {
              table.put(document, more);
            }
            return null;
          }
          var entry =
              known != null
                  ? known
                  : new Entry(
                      isParked ? table.find(document) : Untold.NOTHING, nanoTime.getAsLong());
          mustWatch.set(change.apply(entry) && watch(entry));
          return entry;
        });
    if (mustWatch.get()) {
      timer.after(Duration.ZERO, () -> look(document));
    }
  }

  /** Whether a timer must look at the entry, which none does yet. */
  private static boolean watch(Entry entry) {
    var isNew = !entry.watched && !entry.running;
    entry.watched = true;
    return isNew;
  }

  private void tell(DocumentId document, Entry entry, Untold untold) {
    if (!untold.equals(entry.untold)) {
      entry.untold = untold;
      table.put(document, untold);
    }
  }

  /** Looks whether a delivery is due; otherwise looks again when it may be. */
  private void look(DocumentId document) {
    var now = nanoTime.getAsLong();
    var wait = new AtomicLong(-1);
    entries.computeIfPresent(
        document,
        (_, entry) -> {
          if (entry.running) {
            return entry;
          }
          if (entry.undecided > 0) {
            entry.watched = false; // the end of the deletion or restoration watches again
            return entry;
          }
          var remaining = Math.max(0, entry.nanosToDue(now));
          wait.set(remaining);
          entry.watched = true;
          entry.running = remaining == 0;
          return entry;
        });
    if (wait.get() == 0) {
      due.add(document);
      whenDue();
    } else if (wait.get() > 0) {
      timer.after(Duration.ofNanos(wait.get()), () -> look(document));
    }
  }

  private void whenDue() {
    var listener = onDue;
    if (listener != null) {
      listener.run();
    }
  }

  // For the worker.

  /** Takes the next document with a delivery that is due. */
  Optional<DocumentId> poll() {
    return Optional.ofNullable(due.poll());
  }

  boolean hasDue() {
    return !due.isEmpty();
  }

  /** The attempt to make now; empty if the document is no longer here. */
  Optional<Attempt> attempt(DocumentId document) {
    var attempt = new Attempt[1];
    entries.computeIfPresent(
        document,
        (_, entry) -> {
          attempt[0] = entry.attempt();
          return entry;
        });
    return Optional.ofNullable(attempt[0]);
  }

  /** Keeps the delivery that was made for an attempt, for the next attempts. */
  void keep(DocumentId document, Attempt attempt) {
    entries.computeIfPresent(
        document,
        (_, entry) -> {
          entry.attempt = attempt;
          return entry;
        });
  }

  /** The receiver was told, or there was nothing to tell. */
  void settled(DocumentId document, Attempt attempt) {
    var mustWatch = new AtomicBoolean();
    entries.computeIfPresent(
        document,
        (_, entry) -> {
          var hasChanges = entry.changes != attempt.changes();
          var hasLifecycle = entry.lifecycles != attempt.lifecycles();
          var told = attempt.delivery().map(Delivery::heads).filter(heads -> !heads.isEmpty());
          var since = told.or(() -> attempt.untold().since()).orElse(List.of());
          var rest = new Untold(hasChanges ? Optional.of(since) : Optional.empty(), hasLifecycle);
          table.put(document, rest);
          entry.running = false;
          entry.watched = false;
          if (rest.isNothing() && entry.undecided == 0) {
            return null;
          }
          entry.untold = rest;
          entry.attempt = null;
          entry.failures = 0;
          entry.firstAt = entry.lastAt;
          mustWatch.set(watch(entry));
          return entry;
        });
    if (mustWatch.get()) {
      timer.after(Duration.ZERO, () -> look(document));
    }
    if (loaded.get() != overflowed.get() && entries.size() <= documentsMax / 2) {
      load();
    }
  }

  /** The attempt failed; the same delivery is repeated later. */
  void failed(DocumentId document) {
    var wait = new AtomicLong();
    entries.computeIfPresent(
        document,
        (_, entry) -> {
          var backOff = RETRY_NANOS_MIN << Math.min(entry.failures, 20);
          wait.set(Math.min(backOff, RETRY_NANOS_MAX));
          entry.failures++;
          entry.notBefore = nanoTime.getAsLong() + wait.get();
          entry.running = false;
          entry.watched = true;
          return entry;
        });
    timer.after(Duration.ofNanos(wait.get()), () -> look(document));
  }

  // Documents that are in the table only.

  private void load() {
    if (loading.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("webhook-table")
          .start(
              () -> {
                try {
                  readTable();
                } catch (UncheckedIOException e) {
                  LOG.warn("the table of webhooks cannot be read; they go on later", e);
                } finally {
                  loading.set(false);
                }
              });
    }
  }

  private void readTable() {
    var upTo = overflowed.get();
    for (var document : table.documents()) {
      if (entries.size() >= documentsMax) {
        return;
      }
      var entry =
          entries.computeIfAbsent(
              document,
              _ -> {
                var untold = table.find(document);
                return untold.isNothing() ? null : new Entry(untold, nanoTime.getAsLong());
              });
      if (entry != null) {
        timer.after(Duration.ZERO, () -> look(document));
      }
    }
    loaded.set(upTo);
  }
}
