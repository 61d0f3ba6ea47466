package dev.parlor.relay.snapshot;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.relay.document.SnapshotCodec;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import java.util.List;
import java.util.Optional;

/**
 * Reads and builds snapshots with the Automerge bindings, and marks each native call before it
 * starts [AD8]. A child process expands the snapshot of a document in quarantine, since the call
 * may kill its process.
 */
public final class GuardedSnapshots implements SnapshotCodec {

  private final NativeCallGuard guard;

  public GuardedSnapshots(NativeCallGuard guard) {
    this.guard = guard;
  }

  @Override
  public List<Bytes> expand(DocumentId document, Bytes snapshot) {
    return guard.isQuarantined(document)
        ? SnapshotChild.expand(snapshot)
        : guard.run(
            document,
            NativeCall.of(Work.EXPAND, Optional.of(snapshot), List.of()),
            () -> Snapshots.expand(snapshot));
  }

  @Override
  public Bytes build(DocumentId document, Optional<Bytes> snapshot, List<Bytes> changes) {
    return guard.run(
        document,
        NativeCall.of(Work.BUILD, snapshot, changes),
        () -> Snapshots.build(snapshot, changes));
  }
}
