package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The CPU time of another process, user and system, including ended threads.
 *
 * <p>Linux provides it in nanoseconds through {@code clock_gettime} with a clock id made from the
 * process id (clock_getcpuclockid(3)). Where that fails, {@code /proc/PID/stat} gives the same in
 * steps of 10 ms.
 */
public final class ProcessClock {

  /** The scheduler's CPU clock, which counts nanoseconds. */
  private static final int CLOCK_OF_SCHEDULER = 2;

  private static final long NANOS_PER_TICK = 10_000_000;

  @SuppressWarnings("restricted") // bench/run enables native access
  private static final MethodHandle CLOCK_GETTIME =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

  private ProcessClock() {}

  /** Whether {@link #nanos} counts nanoseconds here instead of steps of 10 ms. */
  public static boolean countsNanoseconds() {
    return clock(ProcessHandle.current().pid()) >= 0;
  }

  /** CPU time so far in nanoseconds. */
  public static long nanos(long pid) {
    var nanos = clock(pid);
    return nanos >= 0 ? nanos : ticks(pid) * NANOS_PER_TICK;
  }

  /**
   * CPU time of the children that have ended and were waited for, in nanoseconds; counted in steps
   * of 10 ms.
   */
  public static long nanosOfEndedChildren(long pid) {
    var fields = stat(pid);
    return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) * NANOS_PER_TICK;
  }

  private static long clock(long pid) {
    try (var arena = Arena.ofConfined()) {
      var time = arena.allocate(ValueLayout.JAVA_LONG, 2);
      var id = (~(int) pid << 3) | CLOCK_OF_SCHEDULER;
      if (gettime(id, time) != 0) {
        return -1;
      }
      return time.getAtIndex(ValueLayout.JAVA_LONG, 0) * 1_000_000_000
          + time.getAtIndex(ValueLayout.JAVA_LONG, 1);
    }
  }

  private static int gettime(int id, MemorySegment time) {
    try {
      return (int) CLOCK_GETTIME.invokeExact(id, time);
    } catch (Throwable e) { // a method handle declares it, but this one never throws
      throw new IllegalStateException("clock_gettime", e);
    }
  }

  private static long ticks(long pid) {
    var fields = stat(pid);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** The fields of {@code /proc/PID/stat} after the name of the program. */
  private static String[] stat(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
