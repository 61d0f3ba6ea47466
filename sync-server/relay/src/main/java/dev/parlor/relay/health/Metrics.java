package dev.parlor.relay.health;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The metrics of the relay: sockets, documents, changes, the store. Each method records one event.
 * Safe from any thread and cheap enough for the hot path. See {@link Meters} for the rule about
 * tags.
 */
public final class Metrics {

  private static final String OTHER = "other";

  /** The close codes that this server and well-behaved clients send. */
  static final Set<String> CLOSE_CODES =
      Set.of(
          "1000", "1001", "1002", "1003", "1005", "1006", "1007", "1008", "1009", "1010", "1011",
          "1012", "1013", "4001", "4002", "4400", "4403", "4405", "4409", "4422", OTHER);

  /** The reasons for dropping ephemeral messages. */
  static final Set<String> DROPPED =
      Set.of("size", "rate", "duplicate", "unread", "foreign", "slow", "overload");

  private final Meters meters = new Meters();

  private final AtomicInteger connections = meters.gauge("parlor.connections", "Sockets open now");
  private final AtomicInteger openDocuments =
      meters.gauge("parlor.rooms.open", "Documents in memory now");

  private final Counter framesIn =
      meters.counter("parlor.frames.in", "Messages received, without control frames");
  private final Counter framesOut =
      meters.counter("parlor.frames.out", "Frames written to sockets, with control frames");
  private final Counter bytesIn = meters.counter("parlor.bytes.in", "Bytes of received messages");
  private final Counter bytesOut =
      meters.counter("parlor.bytes.out", "Payload bytes of frames written to sockets");
  private final Counter changesIn = meters.counter("parlor.changes.in", "Changes admitted");
  private final Counter changeBytesIn =
      meters.counter("parlor.change.bytes.in", "Bytes of admitted changes, plain form");
  private final Counter changesOut =
      meters.counter(
          "parlor.changes.out",
          "New changes sent, counted once per receiving peer; initial sync of joining peers is not"
              + " counted");
  private final Counter duplicates =
      meters.counter("parlor.changes.duplicate", "Changes received that the document already had");
  private final Counter dropped =
      meters.counter(
          "parlor.changes.dropped",
          "Changes dropped unread: after a refused change, or after too many refusals of the peer");
  private final Counter syncResets =
      meters.counter("parlor.sync.started.over", "Sync resets of peers that had lost a message");
  private final Counter overflows =
      meters.counter("parlor.outbox.overflows", "Sessions closed because their outbox was full");
  private final Counter throttles =
      meters.counter(
          "parlor.connections.throttled",
          "Pauses in reading a socket that exceeded its rate limit");
  private final Counter evictions =
      meters.counter("parlor.rooms.evicted", "Idle documents removed from memory");
  private final Counter documentFailures =
      meters.counter("parlor.rooms.failed", "Documents stopped by a defect");
  private final Counter ephemeral =
      meters.counter("parlor.ephemeral.out", "Ephemeral messages sent, counted for each receiver");
  private final Counter commitFailures =
      meters.counter("parlor.commit.failures", "Group commits that failed on the disk");
  private final Counter committedRecords =
      meters.counter("parlor.commit.records", "Records written by group commits");
  private final Counter committedBytes =
      meters.counter("parlor.commit.bytes", "Bytes written by group commits");

  private final Timer dispatch =
      meters.histogram(
          "parlor.dispatch",
          "From the oldest received change of a step to its frames in every outbox",
          50_000,
          1);
  private final Timer queueDwell =
      meters.histogram(
          "parlor.room.queue.dwell",
          "Waiting time of the oldest message in a document's mailbox at the start of a step",
          10_000,
          10);
  private final Timer commit =
      meters.histogram(
          "parlor.commit", "One group commit, with its flush to the disk", 500_000, 10);
  private final Timer compaction =
      meters.histogram("parlor.compaction", "One document compacted", 1_000_000, 60);
  private final Timer load =
      meters.histogram("parlor.load", "Loading one document from the store", 100_000, 60);
  private final DistributionSummary queueDepth =
      meters.counts(
          "parlor.room.queue.depth",
          "Commands in a document's mailbox at the start of a step",
          1,
          2,
          4,
          8,
          16,
          32,
          64,
          128,
          256,
          512,
          1024);

  /**
   * Registers the relay's metrics; {@link #watchRuntime} adds those of the Java runtime. Counters
   * whose tag values are known start at zero, so that the first event is visible as an increase.
   */
  public Metrics() {
    CLOSE_CODES.forEach(this::closed);
    DROPPED.forEach(this::dropped);
  }

  /** Adds the metrics of the Java runtime and the process, for example memory and threads. */
  public Metrics watchRuntime() {
    meters.watchRuntime();
    return this;
  }

  /** Creates further meters, which are part of the same scrape. */
  public Meters meters() {
    return meters;
  }

  /** The text of {@code /metrics}. */
  public String scrape() {
    return meters.scrape();
  }

  public void connectionOpened() {
    connections.incrementAndGet();
  }

  /**
   * A socket was closed.
   *
   * @param code the WebSocket close code; 1006 if the socket ended without one. A code outside
   *     {@link #CLOSE_CODES} counts as {@code other}, since clients can send thousands of different
   *     codes
   */
  public void connectionClosed(int code) {
    connections.decrementAndGet();
    var text = Integer.toString(code);
    closed(CLOSE_CODES.contains(text) ? text : OTHER).increment();
  }

  private Counter closed(String code) {
    return meters.counter(
        "parlor.connections.closed", "Sockets closed, by WebSocket code", "code", code);
  }

  public void upgradeRefused(int status) {
    meters
        .counter("parlor.upgrades.refused", "Upgrades refused", "status", Integer.toString(status))
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
   * Changes of a peer were dropped unread, because they depend on a refused change or too many
   * changes of the peer were refused.
   */
  public void changesDropped(int count) {
    dropped.increment(count);
  }

  /** A message to or from a peer was lost, and the server reset its sync [SY12]. */
  public void syncReset() {
    syncResets.increment();
  }

  /**
   * A message of a peer or a request of a caller was refused.
   *
   * @param rule the id of the broken rule, see {@code docs/protocol.md}
   */
  public void refused(String rule) {
    meters.counter("parlor.refusals", "Input refused, by rule", "rule", rule).increment();
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
    return meters.counter(
        "parlor.ephemeral.dropped", "Ephemeral messages dropped", "reason", reason);
  }

  public void documentOpened() {
    openDocuments.incrementAndGet();
  }

  /** A document left memory for any reason; an eviction is counted as well. */
  public void documentClosed() {
    openDocuments.decrementAndGet();
  }

  public void documentEvicted() {
    evictions.increment();
  }

  public void documentFailed() {
    documentFailures.increment();
  }

  /** A document's worker began a step with this many queued commands. */
  public void documentQueueDepth(int commands) {
    queueDepth.record(commands);
  }

  /** A document's worker began a step; its oldest sync message had waited this long. */
  public void documentQueueDwell(long nanos) {
    queueDwell.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Records the time from the receipt of a change to its frames in every outbox. */
  public void dispatched(long nanos) {
    dispatch.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void committed(long nanos, int records, long bytes) {
    commit.record(nanos, TimeUnit.NANOSECONDS);
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

  /**
   * Registers a gauge whose value is read from another part at each scrape.
   *
   * @param name dotted, starting with {@code parlor.}
   */
  public void watch(String name, String description, IntSupplier value) {
    meters.watch(name, description, value);
  }

  /** Registers a counter whose value is read from another part at each scrape; it only grows. */
  public void watchCounter(String name, String description, LongSupplier value) {
    meters.watchCounter(name, description, value);
  }

  /** As {@link #watch}, for numbers such as bytes that may exceed 2^31. */
  public void watchLong(String name, String description, LongSupplier value) {
    meters.watchLong(name, description, value);
  }
}
