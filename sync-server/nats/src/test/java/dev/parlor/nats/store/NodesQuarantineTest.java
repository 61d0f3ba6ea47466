package dev.parlor.nats.store;

import static dev.parlor.nats.store.StoreFixture.A;
import static dev.parlor.nats.store.StoreFixture.B;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsServer;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import dev.parlor.relay.quarantine.Quarantine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that a document which killed one node is kept from native code on the others. */
class NodesQuarantineTest {

  @TempDir private Path folder;

  private static void await(BooleanSupplier condition) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "not within 20 s");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private Quarantine open(NatsChangeStore store, String file) throws IOException {
    return Quarantine.open(folder.resolve(file), store.table("quarantine"), () -> Instant.EPOCH);
  }

  /** A copy of the marker file that a process leaves which dies in native code. */
  private void leaveMarker(NatsChangeStore store, String copy) throws IOException {
    try (var quarantine = open(store, "died")) {
      var _ =
          quarantine.run(
              A,
              NativeCall.of(Work.APPLY, List.of()),
              () -> {
                try {
                  return Files.copy(folder.resolve("died"), folder.resolve(copy));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  @Test
  @DisplayName(
      "[AD8] a document that killed a node is in quarantine on all nodes until one releases it")
  void quarantineOnAllNodes() throws Exception {
    try (var server = NatsServer.start(folder.resolve("nats"), "2m");
        var fixture = new StoreFixture(server.settings(), 1);
        var two = open(fixture.node(), "two")) {
      assertFalse(two.isQuarantined(A));
      var store = fixture.node();
      leaveMarker(store, "one");
      try (var one = open(store, "one")) {
        assertTrue(one.isQuarantined(A));
        await(() -> two.isQuarantined(A));
        assertTrue(two.reason(A).orElseThrow().contains("a process died"));
        assertFalse(two.isQuarantined(B));
        assertTrue(two.release(A));
        await(() -> !one.isQuarantined(A));
      }
    }
  }
}
