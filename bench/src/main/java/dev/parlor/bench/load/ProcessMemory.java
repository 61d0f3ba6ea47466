package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The memory of a server process, as the operating system and its runtime report it. */
final class ProcessMemory {

  /** The memory of the process at one moment. */
  record MemoryUse(double residentKib, double heapKib) {}

  private static final Pattern USED_HEAP = Pattern.compile("used (\\d+)K");
  private static final int SECONDS_MAX = 30;
  private static final int POLL_MILLIS = 100;
  private static final int STABLE_POLLS = 10;

  private final long pid;
  private final boolean jvm;
  private final BlockingQueue<Double> reportedHeaps;

  /**
   * The memory of this process.
   *
   * @param reportedHeaps receives the heap bytes that a Node server reports after each signal
   */
  ProcessMemory(long pid, boolean jvm, BlockingQueue<Double> reportedHeaps) {
    this.pid = pid;
    this.jvm = jvm;
    this.reportedHeaps = reportedHeaps;
  }

  /** The current resident memory in KiB. */
  long residentKib() {
    return status("VmRSS:");
  }

  /** Starts a new measurement of {@link #residentPeakKib}. */
  void resetPeak() {
    try {
      Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The peak of resident memory in KiB. */
  long residentPeakKib() {
    return status("VmHWM:");
  }

  /** The memory after a full collection, requested by jcmd from a JVM and by a signal from Node. */
  MemoryUse collected() {
    var heapKib = jvm ? jvmHeapKib() : nodeHeapKib();
    return new MemoryUse(settledKib(), heapKib);
  }

  /**
   * Resident memory after it stopped falling, since a collector returns pages after its collection.
   */
  private long settledKib() {
    var lowest = residentKib();
    try {
      for (var stablePolls = 0; stablePolls < STABLE_POLLS; stablePolls++) {
        Thread.sleep(POLL_MILLIS);
        var now = residentKib();
        if (now < lowest) {
          lowest = now;
          stablePolls = -1;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for memory to settle", e);
    }
    return lowest;
  }

  private double jvmHeapKib() {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    output(List.of(jcmd, Long.toString(pid), "GC.run"));
    var info = output(List.of(jcmd, Long.toString(pid), "GC.heap_info"));
    return USED_HEAP
        .matcher(info)
        .results()
        .mapToDouble(match -> Double.parseDouble(match.group(1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("jcmd printed no heap: " + info));
  }

  private double nodeHeapKib() {
    output(List.of("kill", "-USR2", Long.toString(pid)));
    try {
      var bytes = reportedHeaps.poll(SECONDS_MAX, TimeUnit.SECONDS);
      if (bytes == null) {
        throw new IllegalStateException("the server did not report its heap");
      }
      return bytes / 1024;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a collection", e);
    }
  }

  private long status(String key) {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.replaceAll("\\D", ""))
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String output(List<String> command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a command ran", e);
    }
  }
}
