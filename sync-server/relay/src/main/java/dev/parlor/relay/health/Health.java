package dev.parlor.relay.health;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reports whether the process is alive and whether it can serve. Each part of the server registers
 * a supplier of its condition at the start. Every report calls all suppliers, so a supplier must
 * answer from memory and never block. Safe from any thread.
 */
public final class Health {

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
   * @param needed the parts that must work for the server to be ready; other parts only appear in
   *     reports
   */
  public Health(String... needed) {
    this.needed = Set.of(needed);
    for (var part : needed) {
      parts.put(part, () -> Condition.failing("not started"));
    }
  }

  /**
   * The answer of {@code /health/ready}.
   *
   * @param ready whether every needed part works; the status is 200 or 503
   * @param parts the condition of each part by name, in the order of registration
   */
  public record Report(boolean ready, Map<String, Condition> parts) {
    public Report {
      parts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }
  }

  private final Map<String, Supplier<Condition>> parts = new LinkedHashMap<>();
  private final Set<String> needed;
  private volatile @Nullable String fatal;
  private boolean isStopping;

  public synchronized void register(String part, Supplier<Condition> condition) {
    parts.put(part, condition);
  }

  /** Records a failure that only a restart can repair; {@link #live} is false from now on. */
  public synchronized void fatal(String reason) {
    if (fatal == null) {
      fatal = reason;
    }
  }

  /** The server is stopping: reports are not ready from now on, so that balancers avoid it. */
  public synchronized void stopping() {
    isStopping = true;
    parts.put("stopping", () -> Condition.failing("the server is stopping"));
  }

  /** Whether the process needs no restart; {@code /health/live} answers 200 or 503. */
  public boolean live() {
    return fatal == null;
  }

  /** The reason why {@link #live} is false. */
  public Optional<String> fatalReason() {
    return Optional.ofNullable(fatal);
  }

  /**
   * Reports the condition of every part. A needed part that is not registered, and a part whose
   * supplier throws an exception, count as failing.
   */
  public synchronized Report report() {
    var conditions = new LinkedHashMap<String, Condition>();
    var ready = live() && !isStopping;
    for (var part : parts.entrySet()) {
      var condition = check(part.getValue());
      conditions.put(part.getKey(), condition);
      ready &= condition.well() || !needed.contains(part.getKey());
    }
    return new Report(ready, conditions);
  }

  private static Condition check(Supplier<Condition> supplier) {
    try {
      return supplier.get();
    } catch (RuntimeException e) {
      return Condition.failing("its check failed: " + e.getClass().getSimpleName());
    }
  }
}
