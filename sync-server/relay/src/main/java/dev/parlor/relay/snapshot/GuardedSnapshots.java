package dev.parlor.relay.snapshot;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.relay.document.SnapshotCodec;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import java.util.List;
import java.util.Optional;

/**
 * Builds snapshots with the Automerge bindings, and marks each native call before it starts [AD8].
 * Plain Java reads snapshots. If it cannot read one, the bindings do; for a document in quarantine
 * they do so in a child process, since the call may kill its process.
 */
public final class GuardedSnapshots implements SnapshotCodec {

  private final NativeCallGuard guard;

  public GuardedSnapshots(NativeCallGuard guard) {
    this.guard = guard;
  }

  @Override
  public List<Bytes> expand(DocumentId document, Bytes snapshot) {
    return DocumentCodec.decode(snapshot, DocumentLimits.STORED)
            instanceof Decoding.Decoded<DocumentContents>(var contents)
        ? contents.changes().stream().map(ChangeChunk::plain).toList()
        : expandNatively(document, snapshot);
  }

  private List<Bytes> expandNatively(DocumentId document, Bytes snapshot) {
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
