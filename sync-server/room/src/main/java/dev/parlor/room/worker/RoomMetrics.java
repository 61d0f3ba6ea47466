package dev.parlor.room.worker;

import dev.parlor.relay.health.Meters;
import dev.parlor.relay.health.Metrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The metrics of rooms: their replicas, generation and the HTTP interface. Each method that returns
 * nothing records one event. One scrape shows these metrics and the relay's metrics. Safe from any
 * thread.
 */
public final class RoomMetrics {

  private static final String OTHER = "other";

  private static final Set<String> END_STATUSES = Set.of("done", "stopped", "error", "interrupted");

  private static final Set<String> REFUSAL_REASONS =
      Set.of("lost-to", "stale", "busy", "not-allowed", "invalid", OTHER);

  // The lowest and the highest bucket of the histograms.
  private static final long NATIVE_APPLY_NANOS_MIN = 10_000;
  private static final int NATIVE_APPLY_SECONDS_MAX = 10;
  private static final long FIRST_TOKEN_NANOS_MIN = 10_000_000;
  private static final int FIRST_TOKEN_SECONDS_MAX = 60;

  private final Metrics relayMetrics;
  private final Meters meters;
  private final AtomicInteger subscribers;
  private final AtomicInteger runningGenerations;
  private final Counter forgedWrites;
  private final Counter repairsGivenUp;
  private final Counter promptTokens;
  private final Counter answerTokens;
  private final Timer nativeApply;
  private final Timer firstToken;

  /** Registers the metrics. Metrics with known tags start at zero, as the relay's metrics do. */
  public RoomMetrics(Metrics relayMetrics) {
    this.relayMetrics = relayMetrics;
    this.meters = relayMetrics.meters();
    subscribers = meters.gauge("parlor.events.subscribers", "Event streams open now");
    runningGenerations = meters.gauge("parlor.generations.running", "Model calls open now");
    forgedWrites =
        meters.counter(
            "parlor.forged.writes",
            "Values written by others in fields that only the server may write");
    repairsGivenUp =
        meters.counter(
            "parlor.repairs.given.up", "Values that a document does not keep as they were written");
    promptTokens =
        meters.counter("parlor.generation.prompt.tokens", "Tokens of prompts sent to the model");
    answerTokens =
        meters.counter("parlor.generation.answer.tokens", "Tokens in answers of the model");
    nativeApply =
        meters.histogram(
            "parlor.native.apply",
            "Changes applied by the Automerge bindings",
            NATIVE_APPLY_NANOS_MIN,
            NATIVE_APPLY_SECONDS_MAX);
    firstToken =
        meters.histogram(
            "parlor.generation.first.token",
            "From the call to its first token",
            FIRST_TOKEN_NANOS_MIN,
            FIRST_TOKEN_SECONDS_MAX);
    END_STATUSES.forEach(this::endTimer);
    REFUSAL_REASONS.forEach(this::refusalCounter);
  }

  /** The metrics of the relay that carries these rooms. */
  public Metrics relayMetrics() {
    return relayMetrics;
  }

  /** The Automerge bindings applied changes to a room's replica. */
  public void nativeApplied(long nanos) {
    nativeApply.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A peer wrote a value in a field that only the server may write. */
  public void forgedWrite() {
    forgedWrites.increment();
  }

  /**
   * The server wrote its own value over a peer's value, but the document does not keep the server's
   * value as written. The server does not write it again.
   */
  public void repairGivenUp() {
    repairsGivenUp.increment();
  }

  public void generationStarted() {
    runningGenerations.incrementAndGet();
  }

  public void generationFirstToken(long nanos) {
    firstToken.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * A started generation ended.
   *
   * @param status {@code done}, {@code stopped}, {@code error} or {@code interrupted}
   */
  public void generationEnded(String status, long nanos) {
    runningGenerations.decrementAndGet();
    endTimer(status).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer endTimer(String status) {
    return meters.timer("parlor.generation", "Runs from grant to end", Tags.of("status", status));
  }

  /**
   * A request for a generation was refused.
   *
   * @param reason the first word of the reason, for example {@code stale} or {@code lost-to}
   */
  public void generationRefused(String reason) {
    refusalCounter(REFUSAL_REASONS.contains(reason) ? reason : OTHER).increment();
  }

  private Counter refusalCounter(String reason) {
    return meters.counter(
        "parlor.generations.refused", "Requests that never ran", "reason", reason);
  }

  public void generationTokens(long prompt, long answer) {
    promptTokens.increment((double) prompt);
    answerTokens.increment((double) answer);
  }

  /**
   * One HTTP request was answered.
   *
   * @param route the pattern of the path, never the path itself: paths contain slugs and ids, and
   *     each would add a time series
   */
  public void httpAnswered(String route, int status, long nanos) {
    meters
        .timer(
            "parlor.http",
            "HTTP requests answered",
            Tags.of("route", route, "status", Integer.toString(status)))
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  public void subscriberOpened() {
    subscribers.incrementAndGet();
  }

  public void subscriberClosed() {
    subscribers.decrementAndGet();
  }
}
