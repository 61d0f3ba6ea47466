package dev.parlor.bench.conformance;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Checks of the data after a restart [DU1] [DU3] [DU6] and of the exclusive use of the data
 * directory [DU5]. They need the server's process, see {@link SupervisedServer}.
 */
final class RestartChecks {

  private static final int CHANGES = 6_000;
  private static final int CHANGES_PER_MESSAGE = 500;
  private static final int SECOND_SERVER_SECONDS_MAX = 20;
  private static final int EXIT_SECONDS_MAX = 10;
  private static final int RESTART_SECONDS_MAX = 30;
  private static final long RETRY_MILLIS = 50;
  private static final int CLOSE_SERVICE_RESTART = 1012;

  private RestartChecks() {}

  static List<Check> all() {
    return List.of(
        Check.detailed(
            "DU5",
            "refuses a second process on its data, and keeps running",
            Check.Pace.RESTART,
            RestartChecks::secondServer),
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

  private static String secondServer(Probe probe) throws IOException, InterruptedException {
    var supervised = probe.supervisedServer();
    var doc = probe.newDoc(probe.join());
    doc.edit();
    doc.awaitSaved();
    var secondServer =
        new ProcessBuilder("bash", supervised.secondServerScript().toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!secondServer.waitFor(SECOND_SERVER_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new Finding("a refusal", "a second process works on the same data");
      }
      if (secondServer.exitValue() == 0) {
        throw new Finding("an exit status that is not 0", "status 0");
      }
    } finally {
      secondServer.destroyForcibly();
    }
    doc.edit();
    doc.awaitSaved();
    return "status " + secondServer.exitValue();
  }

  private static String killed(Probe probe) throws IOException, InterruptedException {
    var supervised = probe.supervisedServer();
    var doc = probe.newDoc(probe.join());
    for (var i = 0; i < 20; i++) {
      doc.edit();
      doc.awaitSaved();
    }
    return afterKill(probe, supervised, doc);
  }

  private static String killedWhileItCompacts(Probe probe)
      throws IOException, InterruptedException {
    var supervised = probe.supervisedServer();
    var doc = probe.newDoc(probe.join());
    for (var i = 1; i <= CHANGES; i++) {
      doc.make();
      if (i % CHANGES_PER_MESSAGE == 0) {
        doc.sendNext();
        doc.awaitSaved();
      }
    }
    return afterKill(probe, supervised, doc);
  }

  private static String afterKill(Probe probe, SupervisedServer supervised, Doc doc)
      throws IOException, InterruptedException {
    var process = supervised.process();
    var beginNanos = System.nanoTime();
    process.destroyForcibly();
    awaitExit(process);
    return awaitRecovery(probe, doc, beginNanos);
  }

  private static String stopped(Probe probe) throws IOException, InterruptedException {
    var supervised = probe.supervisedServer();
    var doc = probe.newDoc(probe.join());
    doc.edit();
    doc.awaitSaved();
    var process = supervised.process();
    var beginNanos = System.nanoTime();
    process.destroy();
    doc.peer.expectClose(CLOSE_SERVICE_RESTART);
    awaitExit(process);
    return awaitRecovery(probe, doc, beginNanos);
  }

  private static void awaitExit(ProcessHandle process) throws InterruptedException {
    try {
      process.onExit().get(EXIT_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException _) {
      throw new Finding("an end within " + EXIT_SECONDS_MAX + " s", "the process still runs");
    }
  }

  /** Waits until the server accepts joins again, and checks that it has all changes. */
  private static String awaitRecovery(Probe probe, Doc doc, long beginNanos)
      throws InterruptedException {
    var reader = probe.doc(joinAgain(probe), doc.id);
    reader.openAndAwait(doc.heads().getFirst());
    if (reader.size() != doc.size()) {
      throw new Finding(doc.size() + " changes", reader.size() + " of them");
    }
    return String.format(Locale.ROOT, "back after %.1f s", (System.nanoTime() - beginNanos) / 1e9);
  }

  private static ConformancePeer joinAgain(Probe probe) throws InterruptedException {
    for (var remainingMillis = RESTART_SECONDS_MAX * 1_000L;
        remainingMillis > 0;
        remainingMillis -= RETRY_MILLIS) {
      try {
        return probe.join();
      } catch (IOException | Finding _) {
        Thread.sleep(RETRY_MILLIS);
      }
    }
    throw new Finding(
        "a server that accepts joins again",
        "no join succeeded within " + RESTART_SECONDS_MAX + " s");
  }
}
