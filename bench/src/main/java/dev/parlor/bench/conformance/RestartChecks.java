package dev.parlor.bench.conformance;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Checks of the data after a restart [DU1] [DU3] [DU6] and of the exclusive use of the data
 * directory [DU5]. They need the server's process, see {@link Lifecycle}.
 */
final class RestartChecks {

  private static final int CHANGES = 6_000;
  private static final int AT_ONCE = 500;
  private static final int SECOND_SECONDS = 20;
  private static final int END_SECONDS = 10;
  private static final int BACK_SECONDS = 30;
  private static final long AGAIN_MILLIS = 50;
  private static final int RESTARTS = 1012;

  private RestartChecks() {}

  static List<Check> all() {
    return List.of(
        Check.detailed(
            "DU5",
            "refuses a second process on its data, and keeps running",
            Check.Pace.RESTART,
            RestartChecks::second),
        Check.detailed(
            "DU1",
            "has every acknowledged change after a kill -9",
            Check.Pace.RESTART,
            RestartChecks::killed),
        Check.detailed(
            "DU3",
            "has all of 6,000 saved changes after a kill -9 right after the last commit",
            Check.Pace.RESTART,
            RestartChecks::killedWhileItCompacts),
        Check.detailed(
            "DU6",
            "stops on SIGTERM within 10 s, with close 1012 and without loss",
            Check.Pace.RESTART,
            RestartChecks::stopped));
  }

  private static String second(Probe probe) throws IOException, InterruptedException {
    var lifecycle = probe.lifecycle();
    var doc = probe.newDoc(probe.join());
    doc.edit();
    doc.saved();
    var other =
        new ProcessBuilder("bash", lifecycle.second().toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!other.waitFor(SECOND_SECONDS, TimeUnit.SECONDS)) {
        throw new Finding("a refusal", "a second process works on the same data");
      }
      if (other.exitValue() == 0) {
        throw new Finding("an exit status that is not 0", "status 0");
      }
    } finally {
      other.destroyForcibly();
    }
    doc.edit();
    doc.saved();
    return "status " + other.exitValue();
  }

  private static String killed(Probe probe) throws IOException, InterruptedException {
    var lifecycle = probe.lifecycle();
    var doc = probe.newDoc(probe.join());
    for (var i = 0; i < 20; i++) {
      doc.edit();
      doc.saved();
    }
    return afterKill(probe, lifecycle, doc);
  }

  private static String killedWhileItCompacts(Probe probe)
      throws IOException, InterruptedException {
    var lifecycle = probe.lifecycle();
    var doc = probe.newDoc(probe.join());
    for (var i = 1; i <= CHANGES; i++) {
      doc.make();
      if (i % AT_ONCE == 0) {
        doc.speak();
        doc.saved();
      }
    }
    return afterKill(probe, lifecycle, doc);
  }

  private static String afterKill(Probe probe, Lifecycle lifecycle, Doc doc)
      throws IOException, InterruptedException {
    var process = lifecycle.process();
    var begin = System.nanoTime();
    process.destroyForcibly();
    ended(process);
    return back(probe, doc, begin);
  }

  private static String stopped(Probe probe) throws IOException, InterruptedException {
    var lifecycle = probe.lifecycle();
    var doc = probe.newDoc(probe.join());
    doc.edit();
    doc.saved();
    var process = lifecycle.process();
    var begin = System.nanoTime();
    process.destroy();
    doc.peer.closedWith(RESTARTS);
    ended(process);
    return back(probe, doc, begin);
  }

  private static void ended(ProcessHandle process) throws InterruptedException {
    try {
      process.onExit().get(END_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException _) {
      throw new Finding("an end within " + END_SECONDS + " s", "the process runs on");
    }
  }

  /** Waits for the server and checks that it has all changes. */
  private static String back(Probe probe, Doc doc, long begin) throws InterruptedException {
    var reader = probe.doc(rejoined(probe), doc.id);
    reader.opened(doc.heads().getFirst());
    if (reader.size() != doc.size()) {
      throw new Finding(doc.size() + " changes", reader.size() + " of them");
    }
    return String.format(Locale.ROOT, "back after %.1f s", (System.nanoTime() - begin) / 1e9);
  }

  private static ConformancePeer rejoined(Probe probe) throws InterruptedException {
    for (var left = BACK_SECONDS * 1_000L; left > 0; left -= AGAIN_MILLIS) {
      try {
        return probe.join();
      } catch (IOException | Finding _) {
        Thread.sleep(AGAIN_MILLIS);
      }
    }
    throw new Finding("a server that comes back", "nobody can join after " + BACK_SECONDS + " s");
  }
}
