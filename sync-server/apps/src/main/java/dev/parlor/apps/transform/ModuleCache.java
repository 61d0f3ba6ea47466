package dev.parlor.apps.transform;

import dev.parlor.apps.content.ContentId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The latest results of transforms, bounded by their bytes. The least recently used result is
 * evicted. Safe from any thread.
 */
final class ModuleCache {
  // The object, its key and its imports.
  private static final int OVERHEAD_BYTES = 512;

  /** A source in one syntax. */
  record Key(Syntax syntax, ContentId source) {}

  /** The result of a transform. */
  sealed interface Outcome {
    record Compiled(SourceTransformer.Module module) implements Outcome {}

    record Refused(CompileError error) implements Outcome {}

    /** The compiler reached a bound. It is not cached: on a calm machine it may be faster. */
    record Exhausted(String sentence) implements Outcome {}
  }

  private final long bytesMax;
  private final Map<Key, Outcome> outcomes = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  ModuleCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  synchronized Optional<Outcome> get(Key key) {
    return Optional.ofNullable(outcomes.get(key));
  }

  synchronized void put(Key key, Outcome outcome) {
    var before = outcomes.put(key, outcome);
    bytes += size(outcome) - (before == null ? 0 : size(before));
    var oldest = outcomes.entrySet().iterator();
    while (bytes > bytesMax && oldest.hasNext()) {
      bytes -= size(oldest.next().getValue());
      oldest.remove();
    }
  }

  private static long size(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Exhausted(var sentence) -> OVERHEAD_BYTES + 2L * sentence.length();
      case Outcome.Refused(var error) -> OVERHEAD_BYTES + 2L * error.message().length();
      case Outcome.Compiled(var module) ->
          OVERHEAD_BYTES
              + module.javaScript().length()
              + module.imports().entrySet().stream()
                  .mapToLong(
                      one ->
                          2L * one.getKey().length()
                              + one.getValue().stream().mapToLong(name -> 2L * name.length()).sum())
                  .sum();
    };
  }
}
