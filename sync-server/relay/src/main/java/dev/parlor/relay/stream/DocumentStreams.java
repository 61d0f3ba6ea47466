package dev.parlor.relay.stream;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.DocumentAccess.Decision;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * All open streams of documents. One timer thread looks for clients that do not read. Safe from any
 * thread.
 */
public final class DocumentStreams implements AutoCloseable {

  /** The outcome of an attempt to open a stream. */
  public sealed interface Opening {
    /** The stream is open; the caller closes it. */
    record Opened(DocumentStream stream) implements Opening {}

    /** The server has its full number of streams. */
    record Full() implements Opening {}

    /** The caller has the full number of streams of a caller. */
    record CallerFull() implements Opening {}
  }

  /**
   * The reader of a stream.
   *
   * @param identity the identity that a token proved; empty in an open relay
   * @param decisions decides again whether the reader may read the document; may block
   * @param tokenValidFor the time until the token expires; empty without a token
   */
  public record Reader(
      Optional<String> identity, Supplier<Decision> decisions, Optional<Duration> tokenValidFor) {}

  /** An open stream. */
  private record Entry(Optional<String> identity, DocumentId document, DocumentStream stream) {}

  private final DocumentDirectory documents;
  private final LongSupplier nanoTime;
  private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
  private final Set<Runnable> watched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("document-streams").factory());
  private final Object counting = new Object();
  private final Map<String, Integer> byIdentity = new HashMap<>();
  private int open;
  private volatile boolean closed;

  /**
   * @param nanoTime a monotonic clock
   */
  public DocumentStreams(DocumentDirectory documents, Metrics metrics, LongSupplier nanoTime) {
    this.documents = documents;
    this.nanoTime = nanoTime;
    metrics.watch("parlor.document.streams", "Open streams of events of documents", entries::size);
    var _ =
        watch.scheduleWithFixedDelay(
            () -> watched.forEach(Runnable::run),
            FixedLimits.STREAM_CHECK_SECONDS,
            FixedLimits.STREAM_CHECK_SECONDS,
            TimeUnit.SECONDS);
  }

  /**
   * Opens a stream.
   *
   * @param resumeAt the id of the last event that the client has; empty for a new client
   */
  public Opening open(DocumentId document, Reader reader, Optional<String> resumeAt) {
    synchronized (counting) {
      if (closed || open >= FixedLimits.STREAMS_MAX) {
        return new Opening.Full();
      }
      if (reader.identity().isPresent()
          && byIdentity.getOrDefault(reader.identity().get(), 0)
              >= FixedLimits.STREAMS_OF_CALLER_MAX) {
        return new Opening.CallerFull();
      }
      open++;
      reader.identity().ifPresent(identity -> byIdentity.merge(identity, 1, Integer::sum));
    }
    var entry = new Entry[1];
    var stream =
        new DocumentStream(
            documents.handle(document),
            new StreamPermission(reader.decisions(), reader.tokenValidFor(), nanoTime.getAsLong()),
            resumeAt,
            nanoTime,
            () -> closed(entry[0]));
    entry[0] = new Entry(reader.identity(), document, stream);
    entries.add(entry[0]);
    if (closed) {
      stream.end();
    }
    return new Opening.Opened(stream);
  }

  private void closed(Entry entry) {
    if (entries.remove(entry)) {
      synchronized (counting) {
        open--;
        entry
            .identity()
            .ifPresent(
                identity ->
                    byIdentity.computeIfPresent(
                        identity, (_, count) -> count == 1 ? null : count - 1));
      }
    }
  }

  /**
   * Asks again about the streams of this identity. Returns without waiting.
   *
   * @param identity empty for all identities
   * @param document the only document that this concerns; empty for all
   */
  public void decideAgain(Optional<String> identity, Optional<DocumentId> document) {
    for (var entry : entries) {
      if ((identity.isEmpty() || entry.identity().equals(identity))
          && (document.isEmpty() || entry.document().equals(document.get()))) {
        entry.stream().decideAgain();
      }
    }
  }

  /** Runs a check of a writer from time to time, until {@link #unwatch}. */
  public void watch(Runnable check) {
    watched.add(check);
  }

  public void unwatch(Runnable check) {
    watched.remove(check);
  }

  /** Ends all streams, whose clients come again, and opens no more. */
  @Override
  public void close() {
    closed = true;
    watch.shutdownNow();
    List.copyOf(entries).forEach(entry -> entry.stream().end());
  }
}
