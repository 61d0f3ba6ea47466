package dev.parlor.relay.health;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Creates the meters of the process and writes them as the text of {@code /metrics}. Names are
 * dotted and start with {@code parlor.}. Safe from any thread.
 *
 * <p>The values of tags come from small closed sets (rules, statuses, close codes), never from ids:
 * the cost of a scrape must not grow with the number of documents, and metrics must not reveal the
 * members of a room.
 */
public final class Meters {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, Counter> taggedCounters = new ConcurrentHashMap<>();
  private final Map<String, Timer> taggedTimers = new ConcurrentHashMap<>();

  /** The sources of counters; the registry has weak references only. */
  private final List<LongSupplier> counted = new CopyOnWriteArrayList<>();

  /** Adds the metrics of the Java runtime and the process, for example memory and threads. */
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

  /** Registers a gauge whose value is read from another part at each scrape. */
  void watch(String name, String description, IntSupplier value) {
    Gauge.builder(name, value, IntSupplier::getAsInt)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /** As {@link #watch}, for numbers such as bytes that may exceed 2^31. */
  void watchLong(String name, String description, LongSupplier value) {
    Gauge.builder(name, value, LongSupplier::getAsLong)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /** Registers a counter whose value is read from another part at each scrape; it only grows. */
  void watchCounter(String name, String description, LongSupplier value) {
    counted.add(value);
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(description)
        .register(registry);
  }

  /** Registers a gauge and returns its value, which the caller changes. */
  public AtomicInteger gauge(String name, String description) {
    var value = new AtomicInteger();
    Gauge.builder(name, value, AtomicInteger::get).description(description).register(registry);
    return value;
  }

  public Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  /** A counter with one tag; the same name and value always return the same counter. */
  public Counter counter(String name, String description, String key, String value) {
    Function<String, Counter> make =
        _ -> Counter.builder(name).description(description).tag(key, value).register(registry);
    return taggedCounters.computeIfAbsent(name + '|' + value, make);
  }

  /**
   * A histogram of durations.
   *
   * @param minNanos the lowest bucket
   * @param maxSeconds the highest bucket
   */
  public Timer histogram(String name, String description, long minNanos, int maxSeconds) {
    return Timer.builder(name)
        .description(description)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofNanos(minNanos))
        .maximumExpectedValue(Duration.ofSeconds(maxSeconds))
        .register(registry);
  }

  /** A count and sum of durations, with tags; the same name and tags return the same timer. */
  public Timer timer(String name, String description, Tags tags) {
    Function<String, Timer> make =
        _ -> Timer.builder(name).description(description).tags(tags).register(registry);
    return taggedTimers.computeIfAbsent(name + '|' + tags, make);
  }

  /** A histogram of numbers with these buckets. */
  DistributionSummary counts(String name, String description, double... buckets) {
    return DistributionSummary.builder(name)
        .description(description)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }
}
