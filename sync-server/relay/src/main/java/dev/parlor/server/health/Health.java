package dev.parlor.server.health;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the process should be left alone, and whether it can serve. Each part registers a
 * supplier once at the start. Every report asks the suppliers again, so a supplier answers from
 * memory and never blocks. Safe from any thread.
 */
public final class Health {

  /** A part of the server that can be healthy or not. */
  public enum Part {
    STORE(true),
    RELAY(true),
    MODEL(false),
    PAGE(false);

    private final boolean needed;

    Part(boolean needed) {
      this.needed = needed;
    }

    /**
     * Whether the server is not ready without this part; the other parts only appear in reports.
     */
    public boolean needed() {
      return needed;
    }

    /** The name in a report. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The condition of a part.
   *
   * @param well whether the part works
   * @param detail one sentence for the operator, without secrets
   */
  public record Condition(boolean well, String detail) {
    public static Condition ok(String detail) {
      return new Condition(true, detail);
    }

    public static Condition failing(String detail) {
      return new Condition(false, detail);
    }
  }

  /**
   * The answer of {@code /health/ready}.
   *
   * @param ready whether every needed part works; 200 or 503
   * @param parts by {@link Part#key}, in the order of {@link Part}
   */
  public record Report(boolean ready, Map<String, Condition> parts) {
    public Report {
      parts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }
  }

  private final Map<Part, Supplier<Condition>> parts = new EnumMap<>(Part.class);
  private volatile @Nullable String fatal;

  public synchronized void register(Part part, Supplier<Condition> condition) {
    parts.put(part, condition);
  }

  /** Records that only a restart helps; {@link #live} is false from now on. */
  public synchronized void fatal(String reason) {
    if (fatal == null) {
      fatal = reason;
    }
  }

  /** Whether the process should be left running; {@code /health/live} answers 200 or 503. */
  public boolean live() {
    return fatal == null;
  }

  /** The reason why {@link #live} is false. */
  public Optional<String> fatalReason() {
    return Optional.ofNullable(fatal);
  }

  /**
   * Asks every part. A part that is not registered, or whose supplier throws, counts as failing.
   */
  public synchronized Report report() {
    var conditions = new LinkedHashMap<String, Condition>();
    var ready = live();
    for (var part : Part.values()) {
      var condition = ask(part);
      conditions.put(part.key(), condition);
      ready &= condition.well() || !part.needed();
    }
    return new Report(ready, conditions);
  }

  private Condition ask(Part part) {
    var supplier = parts.get(part);
    if (supplier == null) {
      return Condition.failing("not started");
    }
    try {
      return supplier.get();
    } catch (RuntimeException e) {
      return Condition.failing("its check failed: " + e.getClass().getSimpleName());
    }
  }
}
