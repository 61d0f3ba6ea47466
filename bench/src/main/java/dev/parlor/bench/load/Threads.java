package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * CPU time and context switches of the live threads of a process up to one moment. Ended threads
 * are missing, also in the difference of two moments; {@link ProcessClock} has the total.
 */
record Threads(Map<Long, Use> byId) {

  /**
   * The use of one thread or thread group: CPU in nanoseconds, voluntary and involuntary context
   * switches.
   */
  record Use(String name, long cpuNanos, long voluntary, long involuntary) {

    Use minus(Use earlier) {
      return new Use(
          name,
          cpuNanos - earlier.cpuNanos,
          voluntary - earlier.voluntary,
          involuntary - earlier.involuntary);
    }

    Use plus(Use other) {
      return new Use(
          name,
          cpuNanos + other.cpuNanos,
          voluntary + other.voluntary,
          involuntary + other.involuntary);
    }
  }

  Threads {
    byId = Map.copyOf(byId);
  }

  static Threads of(long pid) {
    var uses = new HashMap<Long, Use>();
    try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (var task : tasks.toList()) {
        try {
          uses.put(Long.parseLong(task.getFileName().toString()), use(task));
        } catch (NoSuchFileException _) {
          // Ended between listing and reading.
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Threads(uses);
  }

  private static Use use(Path task) throws IOException {
    var name = "";
    var voluntary = 0L;
    var involuntary = 0L;
    for (var line : Files.readAllLines(task.resolve("status"))) {
      var value = line.substring(line.indexOf(':') + 1).strip();
      if (line.startsWith("Name:")) {
        // pool-1 and pool-2 are one group
        name = value.replaceAll("\\d+", "").strip();
      } else if (line.startsWith("voluntary_")) {
        voluntary = Long.parseLong(value);
      } else if (line.startsWith("nonvoluntary_")) {
        involuntary = Long.parseLong(value);
      }
    }
    var cpu = Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 2)[0]);
    return new Use(name, cpu, voluntary, involuntary);
  }

  /** The use by threads of equal name since an earlier moment, most CPU first. */
  List<Use> since(Threads earlier) {
    var groups = new HashMap<String, Use>();
    byId.forEach(
        (id, use) -> {
          var before = earlier.byId.getOrDefault(id, new Use(use.name, 0, 0, 0));
          groups.merge(use.name, use.minus(before), Use::plus);
        });
    return groups.values().stream()
        .sorted(Comparator.comparingLong(Use::cpuNanos).reversed())
        .toList();
  }
}
