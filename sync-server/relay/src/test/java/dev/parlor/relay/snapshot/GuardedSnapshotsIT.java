package dev.parlor.relay.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.socket.SyncPeer;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reading snapshots in plain Java, in native code, and in a child process. */
class GuardedSnapshotsIT {
  private static final DocumentId DOCUMENT = SyncPeer.document(1);
  private static final Bytes UNREADABLE = Bytes.utf8("no snapshot");

  /** Counts the native calls of this process. */
  private static final class CountingGuard implements NativeCallGuard {
    private final boolean quarantined;
    private int calls;

    CountingGuard(boolean quarantined) {
      this.quarantined = quarantined;
    }

    @Override
    public <T> T run(DocumentId document, NativeCall call, Supplier<T> body) {
      calls++;
      return body.get();
    }

    @Override
    public boolean isQuarantined(DocumentId document) {
      return quarantined;
    }
  }

  private static Bytes snapshot() {
    try (var replica = Replica.create(new ActorId(Bytes.wrap(new byte[16])))) {
      for (var number = 0; number < 3; number++) {
        var _ = replica.transact(List.of(new Edit.Put(Path.of("n"), Value.of(number))));
      }
      return replica.save();
    }
  }

  @Test
  @DisplayName(
      "[AD8] a snapshot is read without a native call, and its changes equal the bindings'")
  void readInJava() {
    var guard = new CountingGuard(false);
    var snapshot = snapshot();
    assertEquals(
        Snapshots.expand(snapshot), new GuardedSnapshots(guard).expand(DOCUMENT, snapshot));
    assertEquals(0, guard.calls);
  }

  @Test
  @DisplayName("[AD8] a child process reads the same changes from a snapshot")
  void readByAChild() {
    var snapshot = snapshot();
    assertEquals(Snapshots.expand(snapshot), SnapshotChild.expand(snapshot));
  }

  @Test
  @DisplayName(
      "[AD8] a snapshot that Java cannot read goes to native code: in this process for other"
          + " documents, in a child process for a document in quarantine")
  void unreadable() {
    var inProcess = new CountingGuard(false);
    assertThrows(
        RuntimeException.class, () -> new GuardedSnapshots(inProcess).expand(DOCUMENT, UNREADABLE));
    assertEquals(1, inProcess.calls);
    var quarantined = new CountingGuard(true);
    var failure =
        assertThrows(
            IllegalStateException.class,
            () -> new GuardedSnapshots(quarantined).expand(DOCUMENT, UNREADABLE));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("child process ended with status"),
        failure::toString);
    assertEquals(0, quarantined.calls);
  }
}
