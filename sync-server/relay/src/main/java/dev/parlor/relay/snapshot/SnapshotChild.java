package dev.parlor.relay.snapshot;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.relay.config.FixedLimits;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A child process that expands a snapshot whose bytes may have crashed a process before. It reads
 * the snapshot from standard input and writes the concatenated changes to standard output. Each
 * call starts a JVM and blocks.
 */
final class SnapshotChild {

  private SnapshotChild() {}

  /** The changes of the snapshot; throws if the child process fails. */
  static List<Bytes> expand(Bytes snapshot) {
    try {
      var child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  SnapshotChild.class.getName())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        return expand(child, snapshot);
      } finally {
        child.destroyForcibly();
      }
    } catch (IOException | CompletionException e) {
      throw new IllegalStateException("the snapshot cannot be expanded: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a snapshot was expanded", e);
    }
  }

  private static List<Bytes> expand(Process child, Bytes snapshot)
      throws IOException, InterruptedException {
    var changes = CompletableFuture.supplyAsync(() -> readAll(child));
    try (var in = child.getOutputStream()) {
      in.write(snapshot.toArray());
    }
    if (!child.waitFor(FixedLimits.SNAPSHOT_SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new IOException(
          "the child process took longer than " + FixedLimits.SNAPSHOT_SECONDS_MAX + " s");
    }
    if (child.exitValue() != 0) {
      throw new IOException("the child process ended with status " + child.exitValue());
    }
    return ChangeCodec.split(changes.join(), FormatLimits.DEFAULT).orElseThrow();
  }

  private static Bytes readAll(Process child) {
    try {
      return Bytes.wrap(child.getInputStream().readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program of the child process. */
  public static void main(String[] args) throws IOException {
    var changes = Snapshots.expand(Bytes.wrap(System.in.readAllBytes()));
    try (var out = new FileOutputStream(FileDescriptor.out)) {
      out.write(Bytes.concat(changes).toArray());
    }
  }
}
