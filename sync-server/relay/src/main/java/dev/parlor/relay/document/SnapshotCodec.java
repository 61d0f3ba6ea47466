package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.List;
import java.util.Optional;

/**
 * The port to the library that reads and writes Automerge document chunks. It is called with this
 * server's own snapshots and with admitted changes, never on a thread that runs a document's step.
 * Implementations may run native code, so the callers use platform threads.
 */
public interface SnapshotCodec {

  /** The change chunks that the snapshot contains, in causal order. */
  List<Bytes> expand(DocumentId document, Bytes snapshot);

  /** Builds a document chunk from the snapshot, if there is one, and the changes. */
  Bytes build(DocumentId document, Optional<Bytes> snapshot, List<Bytes> changes);
}
