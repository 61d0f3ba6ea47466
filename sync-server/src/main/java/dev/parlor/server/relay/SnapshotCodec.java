package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.List;
import java.util.Optional;

/**
 * The port to the library that reads and writes Automerge document chunks. Called on loader
 * threads, never on a room's thread, with this server's own snapshots and with changes that
 * admission has let in. Implementations run native code on platform threads.
 */
public interface SnapshotCodec {

  /** The change chunks that the snapshot holds, in causal order. */
  List<Bytes> expand(DocumentId document, Bytes snapshot);

  /** A document chunk of the snapshot, when there is one, and the changes. */
  Bytes build(DocumentId document, Optional<Bytes> snapshot, List<Bytes> changes);
}
