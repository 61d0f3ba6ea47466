package dev.parlor.relay.snapshot;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.relay.document.SnapshotCodec;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.quarantine.NativeCallGuard.Handed;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots by the Automerge bindings; each call is recorded before it starts [AD8]. If a document
 * is kept from native code, a child process expands its snapshot, since that process may die.
 */
public final class GuardedSnapshots implements SnapshotCodec {

  private final NativeCallGuard gate;

  public GuardedSnapshots(NativeCallGuard gate) {
    this.gate = gate;
  }

  @Override
  public List<Bytes> expand(DocumentId document, Bytes snapshot) {
    return gate.isShut(document)
        ? SnapshotChild.expand(snapshot)
        : gate.hand(
            document,
            Handed.of(Work.EXPAND, Optional.of(snapshot), List.of()),
            () -> Snapshots.expand(snapshot));
  }

  @Override
  public Bytes build(DocumentId document, Optional<Bytes> snapshot, List<Bytes> changes) {
    return gate.hand(
        document,
        Handed.of(Work.BUILD, snapshot, changes),
        () -> Snapshots.build(snapshot, changes));
  }
}
