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
 * The metrics of rooms: their replicas, generation and the HTTP interface. Each method records one
 * event. One scrape shows these metrics and the relay's metrics. Safe from any thread.
 */
public final class RoomMetrics {

  private static final String OTHER = "other";

  private static final Set<String> END_STATUSES = Set.of("done", "stopped", "error", "interrupted");

  private static final Set<String> REFUSAL_REASONS =
      Set.of("lost-to", "stale", "busy", "not-allowed", "invalid", OTHER);

  private final Metrics relay;
  private final Meters meters;
  private final AtomicInteger subscribers;
  private final AtomicInteger running;
  private final Counter forged;
  private final Counter repairsGivenUp;
  private final Counter promptTokens;
  private final Counter answerTokens;
  private final Timer nativeApply;
  private final Timer firstToken;

  /** Registers the metrics. Metrics with known tags start at zero, as the relay's metrics do. */
  public RoomMetrics(Metrics relay) {
    this.relay = relay;
    this.meters = relay.meters();
    subscribers = meters.gauge("parlor.events.subscribers", "Event streams open now");
    running = meters.gauge("parlor.generations.running", "Model calls open now");
    forged =
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
            "parlor.native.apply", "Changes applied by the Automerge bindings", 10_000, 10);
    firstToken =
        meters.histogram(
            "parlor.generation.first.token", "From the call to its first token", 10_000_000, 60);
    END_STATUSES.forEach(this::ended);
    REFUSAL_REASONS.forEach(this::refused);
  }

  /** The metrics of the relay that carries these rooms. */
  public Metrics relay() {
    return relay;
  }

  public void nativeApplied(long nanos) {
    nativeApply.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void forgedWrite() {
    forged.increment();
  }

  public void repairGivenUp() {
    repairsGivenUp.increment();
  }

  public void generationStarted() {
    running.incrementAndGet();
  }

  public void generationFirstToken(long nanos) {
    firstToken.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * A started run ended.
   *
   * @param status {@code done}, {@code stopped}, {@code error} or {@code interrupted}
   */
  public void generationEnded(String status, long nanos) {
    running.decrementAndGet();
    ended(status).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer ended(String status) {
    return meters.timer("parlor.generation", "Runs from grant to end", Tags.of("status", status));
  }

  /**
   * A request was refused.
   *
   * @param reason the first word of the reason, for example {@code stale} or {@code lost-to}
   */
  public void generationRefused(String reason) {
    refused(REFUSAL_REASONS.contains(reason) ? reason : OTHER).increment();
  }

  private Counter refused(String reason) {
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
   * @param route the pattern of the path, never the path itself, since paths contain keys
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
