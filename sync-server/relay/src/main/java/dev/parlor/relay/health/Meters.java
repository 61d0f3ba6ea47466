package dev.parlor.relay.health;

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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntSupplier;

/**
 * Makes the process's meters and writes them as the text of {@code /metrics}. Names are dotted and
 * start with {@code parlor.}. Safe from any thread.
 *
 * <p>Tags take values from small closed sets only (rules, statuses, close codes), never ids: the
 * cost of a scrape must not grow with the number of documents, and metrics must not reveal the
 * members of a room.
 */
public final class Meters {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, Counter> taggedCounters = new ConcurrentHashMap<>();
  private final Map<String, Timer> taggedTimers = new ConcurrentHashMap<>();

  /** Adds memory, threads, collections, processor, descriptors and uptime of this process. */
  @SuppressWarnings("resource") // the collector's listener lives as long as the process
  void watchRuntime() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmGcMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** The text of {@code /metrics}. */
  String scrape() {
    return registry.scrape();
  }

  /** Registers a gauge whose value another part already counts. */
  void watch(String name, String description, IntSupplier value) {
    Gauge.builder(name, value, IntSupplier::getAsInt)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  public AtomicInteger gauge(String name, String description) {
    var value = new AtomicInteger();
    Gauge.builder(name, value, AtomicInteger::get).description(description).register(registry);
    return value;
  }

  public Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  /** A counter of a family that has one tag; the same value gives the same counter. */
  public Counter counter(String name, String description, String key, String value) {
    Function<String, Counter> make =
        _ -> Counter.builder(name).description(description).tag(key, value).register(registry);
    return taggedCounters.computeIfAbsent(name + '|' + value, make);
  }

  /**
   * A histogram of durations.
   *
   * @param leastNanos the lowest bucket
   * @param mostSeconds the highest bucket
   */
  public Timer histogram(String name, String description, long leastNanos, int mostSeconds) {
    return Timer.builder(name)
        .description(description)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofNanos(leastNanos))
        .maximumExpectedValue(Duration.ofSeconds(mostSeconds))
        .register(registry);
  }

  /** Count and sum of durations, for a family with tags; the same tags give the same timer. */
  public Timer timer(String name, String description, Tags tags) {
    Function<String, Timer> make =
        _ -> Timer.builder(name).description(description).tags(tags).register(registry);
    return taggedTimers.computeIfAbsent(name + '|' + tags, make);
  }

  /** A histogram of numbers. */
  DistributionSummary counts(String name, String description, double... buckets) {
    return DistributionSummary.builder(name)
        .description(description)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }
}
