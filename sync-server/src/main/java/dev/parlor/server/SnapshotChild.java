package dev.parlor.server;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.server.config.FixedLimits;
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
 * A process that takes a snapshot apart, for documents whose bytes may have killed one before: the
 * snapshot on its standard input, the changes end to end on its standard output. Costs the start of
 * a JVM, and blocks.
 */
final class SnapshotChild {

  private SnapshotChild() {}

  /** The changes of the snapshot; an exception when the child does not survive them. */
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
      throw new IllegalStateException("the snapshot cannot be taken apart: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a snapshot was taken apart", e);
    }
  }

  private static List<Bytes> expand(Process child, Bytes snapshot)
      throws IOException, InterruptedException {
    var changes = CompletableFuture.supplyAsync(() -> readAll(child));
    try (var in = child.getOutputStream()) {
      in.write(snapshot.toArray());
    }
    if (!child.waitFor(FixedLimits.SNAPSHOT_SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new IOException("it takes longer than " + FixedLimits.SNAPSHOT_SECONDS_MAX + " s");
    }
    if (child.exitValue() != 0) {
      throw new IOException("the process that tried ended with " + child.exitValue());
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

  /** The child. */
  public static void main(String[] args) throws IOException {
    var changes = Snapshots.expand(Bytes.wrap(System.in.readAllBytes()));
    try (var out = new FileOutputStream(FileDescriptor.out)) {
      out.write(Bytes.concat(changes).toArray());
    }
  }
}
