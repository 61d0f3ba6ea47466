package dev.parlor.apps.transform;

import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One run of esbuild over one source: by standard input, with an empty environment, and with
 * bounded time, address space and output. Blocks the calling thread; two further threads read the
 * output and a third writes the source.
 */
final class EsbuildProcess {
  // The first argument of the script is the bound of the address space in KiB, or 0 for none.
  private static final String SCRIPT =
      "if [ \"$0\" != 0 ]; then ulimit -v \"$0\" || exit 125; fi; exec \"$@\"";
  private static final Executor THREADS =
      work -> Thread.ofPlatform().daemon().name("esbuild-pipe").start(work);

  /** The end of a run. */
  sealed interface Result {

    /** The process ended. */
    record Ended(int status, Bytes output, String errors) implements Result {}

    /** The process was killed after its time. */
    record TimedOut() implements Result {}

    /** The process was killed because it wrote too much. */
    record WroteTooMuch() implements Result {}

    /** The process could not be started. */
    record NotStarted() implements Result {}
  }

  private EsbuildProcess() {}

  /**
   * Runs esbuild.
   *
   * @param time after which the process is killed
   */
  static Result run(Path binary, List<String> arguments, Bytes source, Duration time) {
    var deadline = System.nanoTime() + time.toNanos();
    Process child;
    try {
      child = start(binary, arguments);
    } catch (IOException e) {
      return new Result.NotStarted();
    }
    try {
      return exchange(child, source, deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result.TimedOut();
    } finally {
      kill(child);
    }
  }

  private static Process start(Path binary, List<String> arguments) throws IOException {
    var command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, addressSpace()));
    command.add(binary.toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(new File("/"));
    builder.environment().clear();
    builder
        .environment()
        .putAll(Map.of("GOMAXPROCS", "1", "GOMEMLIMIT", AppLimits.TRANSFORM_HEAP_MIB + "MiB"));
    return builder.start();
  }

  /** macOS has no bound of the address space; there, time and output are the only bounds. */
  private static String addressSpace() {
    return System.getProperty("os.name", "").startsWith("Linux")
        ? Integer.toString(AppLimits.TRANSFORM_ADDRESS_SPACE_KIB_MAX)
        : "0";
  }

  private static Result exchange(Process child, Bytes source, long deadline)
      throws InterruptedException {
    CompletableFuture.runAsync(() -> write(child, source), THREADS)
        .exceptionally(_ -> null); // A process may end without reading; its status tells why.
    var output =
        CompletableFuture.supplyAsync(
            () -> readAtMost(child.getInputStream(), AppLimits.TRANSFORM_OUTPUT_BYTES_MAX + 1),
            THREADS);
    var errors =
        CompletableFuture.supplyAsync(
            () -> {
              var kept = readAtMost(child.getErrorStream(), AppLimits.TRANSFORM_ERRORS_BYTES_MAX);
              drop(child.getErrorStream());
              return kept;
            },
            THREADS);
    try {
      var written = output.get(left(deadline), TimeUnit.NANOSECONDS);
      if (written.length() > AppLimits.TRANSFORM_OUTPUT_BYTES_MAX) {
        return new Result.WroteTooMuch();
      }
      var reported = errors.get(left(deadline), TimeUnit.NANOSECONDS);
      return child.waitFor(left(deadline), TimeUnit.NANOSECONDS)
          ? new Result.Ended(child.exitValue(), written, reported.toUtf8())
          : new Result.TimedOut();
    } catch (TimeoutException e) {
      return new Result.TimedOut();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the output of esbuild cannot be read", e);
    }
  }

  private static long left(long deadline) {
    return Math.max(0, deadline - System.nanoTime());
  }

  private static void write(Process child, Bytes source) {
    try (var in = child.getOutputStream()) {
      source.writeTo(in);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static Bytes readAtMost(InputStream stream, int max) {
    try {
      return Bytes.wrap(stream.readNBytes(max));
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  /** Reads a stream to its end, so that the process is not blocked by it. */
  private static void drop(InputStream stream) {
    try {
      stream.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static void kill(Process child) {
    if (child.isAlive()) {
      child.descendants().forEach(ProcessHandle::destroyForcibly);
    }
    child.destroyForcibly(); // Of a process that has ended, this only closes the pipes.
  }
}
