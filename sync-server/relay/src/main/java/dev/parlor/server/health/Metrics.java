package dev.parlor.server.health;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntSupplier;

/**
 * All metrics of the server; each method records one event. Safe from any thread and cheap enough
 * for the hot path: it uses adders and collects durations in batches.
 *
 * <p>Tags take values from small closed sets only (rules, statuses, close codes), never ids: the
 * cost of a scrape must not grow with the number of rooms, and metrics must not reveal the members
 * of a room.
 */
public final class Metrics {

  private static final String OTHER = "other";

  /** The close codes that this server and well-behaved clients send. */
  static final Set<String> CLOSE_CODES =
      Set.of(
          "1000", "1001", "1002", "1003", "1005", "1006", "1007", "1008", "1009", "1010", "1011",
          "1012", "1013", "4001", "4400", "4403", "4405", "4409", "4422", OTHER);

  /** The reasons for dropping ephemeral messages. */
  static final Set<String> DROPPED =
      Set.of("size", "rate", "duplicate", "unread", "foreign", "slow", "overload");

  private static final Set<String> ENDED = Set.of("done", "stopped", "error", "interrupted");

  private static final Set<String> NEVER_RAN =
      Set.of("lost-to", "stale", "busy", "not-allowed", "invalid", OTHER);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, Counter> tagged = new ConcurrentHashMap<>();
  private final Map<String, Timer> taggedTimers = new ConcurrentHashMap<>();

  private final AtomicInteger connections = gauge("parlor.connections", "Sockets open now");
  private final AtomicInteger rooms = gauge("parlor.rooms.open", "Rooms in memory now");
  private final AtomicInteger subscribers =
      gauge("parlor.events.subscribers", "Event streams open now");
  private final AtomicInteger running = gauge("parlor.generations.running", "Model calls open now");

  private final Counter framesIn =
      counter("parlor.frames.in", "Messages received, without control frames");
  private final Counter framesOut =
      counter("parlor.frames.out", "Frames written to sockets, with control frames");
  private final Counter bytesIn = counter("parlor.bytes.in", "Bytes of received messages");
  private final Counter bytesOut =
      counter("parlor.bytes.out", "Payload bytes of frames written to sockets");
  private final Counter changesIn = counter("parlor.changes.in", "Changes admitted");
  private final Counter changeBytesIn =
      counter("parlor.change.bytes.in", "Bytes of admitted changes, plain form");
  private final Counter changesOut =
      counter(
          "parlor.changes.out",
          "New changes sent, counted once per receiving peer; initial sync of joining peers is not counted");
  private final Counter duplicates =
      counter("parlor.changes.duplicate", "Changes received that the document already had");
  private final Counter dropped =
      counter(
          "parlor.changes.dropped",
          "Changes dropped unread: after a refused change, or after too many refusals of the peer");
  private final Counter startedOver =
      counter("parlor.sync.started.over", "Sync resets of peers that had lost a message");
  private final Counter overflows =
      counter("parlor.outbox.overflows", "Sessions closed because their outbox was full");
  private final Counter throttles =
      counter(
          "parlor.connections.throttled",
          "Pauses in reading a socket that exceeded its rate limit");
  private final Counter evictions = counter("parlor.rooms.evicted", "Idle rooms put out of memory");
  private final Counter roomFailures = counter("parlor.rooms.failed", "Rooms stopped by a defect");
  private final Counter ephemeral =
      counter("parlor.ephemeral.out", "Ephemeral messages sent, counted for each receiver");
  private final Counter forged =
      counter(
          "parlor.forged.writes",
          "Values written by others in fields that only the server may write");
  private final Counter repairsGivenUp =
      counter(
          "parlor.repairs.given.up", "Values that a document does not keep as they were written");
  private final Counter commitFailures =
      counter("parlor.commit.failures", "Group commits that failed on the disk");
  private final Counter committedRecords =
      counter("parlor.commit.records", "Records written by group commits");
  private final Counter committedBytes =
      counter("parlor.commit.bytes", "Bytes written by group commits");
  private final Counter promptTokens =
      counter("parlor.generation.prompt.tokens", "Tokens of prompts sent to the model");
  private final Counter answerTokens =
      counter("parlor.generation.answer.tokens", "Tokens in answers of the model");

  private final CoalescedMeter dispatch =
      gathered(
          "parlor.dispatch",
          "From the oldest received change of a step to its frames in every outbox",
          50_000,
          1);
  private final CoalescedMeter queueDwell =
      gathered(
          "parlor.room.queue.dwell",
          "Waiting time of the oldest message in a document's mailbox at the start of a step",
          10_000,
          10);
  private final CoalescedMeter commit =
      gathered("parlor.commit", "One group commit, with its flush to the disk", 500_000, 10);
  private final Timer compaction =
      timer("parlor.compaction", "One document compacted", 1_000_000, 60);
  private final Timer nativeApply =
      timer("parlor.native.apply", "Changes applied by the Automerge bindings", 10_000, 10);
  private final Timer load =
      timer("parlor.load", "Loading one document from the store", 100_000, 60);
  private final Timer firstToken =
      timer("parlor.generation.first.token", "From the call to its first token", 10_000_000, 60);
  private final CoalescedMeter queueDepth =
      new CoalescedMeter(
          DistributionSummary.builder("parlor.room.queue.depth")
                  .description("Commands in a document's mailbox at the start of a step")
                  .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
                  .register(registry)
              ::record);

  /**
   * Registers Parlor's own metrics; {@link #watchRuntime} adds those of the Java runtime. Metrics
   * with known tags start at zero, so that the first event shows as a step.
   */
  public Metrics() {
    CLOSE_CODES.forEach(this::closed);
    DROPPED.forEach(this::dropped);
    ENDED.forEach(this::ended);
    NEVER_RAN.forEach(this::neverRan);
  }

  /** Adds memory, threads, collections, processor, descriptors and uptime of this process. */
  @SuppressWarnings("resource") // the collector's listener lives as long as the process
  public Metrics watchRuntime() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmGcMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    return this;
  }

  /** The text of {@code /metrics}. */
  public String scrape() {
    for (var waiting : List.of(dispatch, queueDwell, queueDepth, commit)) {
      waiting.flush();
    }
    return registry.scrape();
  }

  public void connectionOpened() {
    connections.incrementAndGet();
  }

  /**
   * A socket was closed.
   *
   * @param code the WebSocket close code, 1006 for a socket that vanished; a code that this server
   *     never sends counts as {@code other}, since clients can choose among thousands
   */
  public void connectionClosed(int code) {
    connections.decrementAndGet();
    var text = Integer.toString(code);
    closed(CLOSE_CODES.contains(text) ? text : OTHER).increment();
  }

  private Counter closed(String code) {
    return tag("parlor.connections.closed", "Sockets closed, by WebSocket code", "code", code);
  }

  public void upgradeRefused(int status) {
    tag("parlor.upgrades.refused", "Upgrades refused", "status", Integer.toString(status))
        .increment();
  }

  /** A connection exceeded its rate limits, and is not read for a while. */
  public void throttled() {
    throttles.increment();
  }

  public void frameIn(int bytes) {
    framesIn.increment();
    bytesIn.increment(bytes);
  }

  public void frameOut(int bytes) {
    framesOut.increment();
    bytesOut.increment(bytes);
  }

  public void changesAdmitted(int count, long bytes) {
    changesIn.increment(count);
    changeBytesIn.increment((double) bytes);
  }

  public void changesSent(int count) {
    changesOut.increment(count);
  }

  public void changesDuplicate(int count) {
    duplicates.increment(count);
  }

  /**
   * A peer's changes were dropped unread: they depend on a refused change, or too many were
   * refused.
   */
  public void changesDropped(int count) {
    dropped.increment(count);
  }

  /** A message to or from a peer was lost, and the server reset its sync [SY12]. */
  public void startedOver() {
    startedOver.increment();
  }

  /**
   * A message of a peer or a request of a caller was refused.
   *
   * @param rule its id in {@code docs/protocol.md}
   */
  public void refused(String rule) {
    tag("parlor.refusals", "Input refused, by rule", "rule", rule).increment();
  }

  public void outboxOverflowed() {
    overflows.increment();
  }

  public void ephemeralSent(int receivers) {
    ephemeral.increment(receivers);
  }

  /**
   * An ephemeral message was not passed on [EP2], [EP4].
   *
   * @param reason one of {@link #DROPPED}
   */
  public void ephemeralDropped(String reason) {
    dropped(reason).increment();
  }

  private Counter dropped(String reason) {
    return tag("parlor.ephemeral.dropped", "Ephemeral messages dropped", "reason", reason);
  }

  public void roomOpened() {
    rooms.incrementAndGet();
  }

  /** A document left memory for any reason; an eviction is counted as well. */
  public void roomClosed() {
    rooms.decrementAndGet();
  }

  public void roomEvicted() {
    evictions.increment();
  }

  public void roomFailed() {
    roomFailures.increment();
  }

  /** A document's worker began a step with this many queued commands. */
  public void roomQueueDepth(int commands) {
    queueDepth.add(commands);
  }

  /** A document's worker began a step; its oldest message had waited this long. */
  public void roomQueueDwell(long nanos) {
    queueDwell.add(nanos);
  }

  /** From a received change to its frames in every outbox. */
  public void dispatched(long nanos) {
    dispatch.add(nanos);
  }

  public void committed(long nanos, int records, long bytes) {
    commit.add(nanos);
    committedRecords.increment(records);
    committedBytes.increment((double) bytes);
  }

  public void commitFailed() {
    commitFailures.increment();
  }

  public void compacted(long nanos) {
    compaction.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void documentLoaded(long nanos) {
    load.record(nanos, TimeUnit.NANOSECONDS);
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
    return tagTimer("parlor.generation", "Runs from grant to end", Tags.of("status", status));
  }

  /** A request that never ran, for example {@code stale} or {@code lost}. */
  public void generationRefused(String reason) {
    neverRan(NEVER_RAN.contains(reason) ? reason : OTHER).increment();
  }

  private Counter neverRan(String reason) {
    return tag("parlor.generations.refused", "Requests that never ran", "reason", reason);
  }

  public void generationTokens(long prompt, long answer) {
    promptTokens.increment((double) prompt);
    answerTokens.increment((double) answer);
  }

  /**
   * One HTTP request was answered.
   *
   * @param route the pattern, never the path: paths carry keys
   */
  public void httpAnswered(String route, int status, long nanos) {
    tagTimer(
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

  /**
   * Registers a gauge whose value another part already counts.
   *
   * @param name dotted, starting with {@code parlor.}
   */
  public void watch(String name, String description, IntSupplier value) {
    Gauge.builder(name, value, IntSupplier::getAsInt)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private AtomicInteger gauge(String name, String description) {
    var value = new AtomicInteger();
    Gauge.builder(name, value, AtomicInteger::get).description(description).register(registry);
    return value;
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Timer timer(String name, String description, long leastNanos, int mostSeconds) {
    return Timer.builder(name)
        .description(description)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofNanos(leastNanos))
        .maximumExpectedValue(Duration.ofSeconds(mostSeconds))
        .register(registry);
  }

  private CoalescedMeter gathered(
      String name, String description, long leastNanos, int mostSeconds) {
    var timer = timer(name, description, leastNanos, mostSeconds);
    return new CoalescedMeter(nanos -> timer.record(nanos, TimeUnit.NANOSECONDS));
  }

  private Counter tag(String name, String description, String key, String value) {
    Function<String, Counter> make =
        _ -> Counter.builder(name).description(description).tag(key, value).register(registry);
    return tagged.computeIfAbsent(name + '|' + value, make);
  }

  private Timer tagTimer(String name, String description, Tags tags) {
    Function<String, Timer> make =
        _ -> Timer.builder(name).description(description).tags(tags).register(registry);
    return taggedTimers.computeIfAbsent(name + '|' + tags, make);
  }
}
