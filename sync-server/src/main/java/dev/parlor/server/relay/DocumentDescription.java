package dev.parlor.server.relay;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.admission.Role;
import java.util.List;
import java.util.Optional;

/**
 * A room as it is at one moment, told by its worker to whoever runs the server.
 *
 * @param quarantined it cannot be read from the store [DU4]; then everything else is empty
 * @param changes in the log
 * @param heads of the document, ascending
 * @param bytes of the log's chunks, plain form
 * @param snapshotBytes of the snapshot that joiners are sent, 0 without one
 * @param uncommitted changes that are not known to be on disk
 * @param pending changes that wait for dependencies [SY7]
 * @param pendingBytes of those
 * @param indexBytes of the index of its operations, roughly
 * @param peerCount connections that have the document open
 * @param observers parts of this server that keep the room in memory
 * @param refused whether the store refuses its changes at present
 * @param compacting whether a compaction runs
 * @param leaving it was told to leave memory as soon as nobody needs it
 * @param peers in order of arrival; empty unless asked for in detail
 */
public record DocumentDescription(
    DocumentId document,
    boolean quarantined,
    int changes,
    List<ChangeHash> heads,
    long bytes,
    long snapshotBytes,
    int uncommitted,
    int pending,
    long pendingBytes,
    long indexBytes,
    int peerCount,
    int observers,
    boolean refused,
    boolean compacting,
    boolean leaving,
    List<PeerDescription> peers) {

  public DocumentDescription {
    heads = List.copyOf(heads);
    peers = List.copyOf(peers);
  }

  /**
   * One connection that has the document open.
   *
   * @param identity that was proved, if any
   * @param framesWaiting for its socket, of all its documents
   * @param heldBack it delivered what is not on disk and is not spoken to until it is [DU1]
   * @param putOff messages of its that wait until then
   * @param closing nothing of this room reaches it any more
   */
  public record PeerDescription(
      PeerId peer,
      Optional<String> identity,
      Role role,
      int framesWaiting,
      boolean heldBack,
      int putOff,
      boolean closing) {}

  static DocumentDescription quarantined(DocumentId document, boolean leaving) {
    return new DocumentDescription(
        document, true, 0, List.of(), 0, 0, 0, 0, 0, 0, 0, 0, false, false, leaving, List.of());
  }

  /** As told by the state, with what only the room knows. */
  DocumentDescription with(boolean compactingNow, boolean leavingNow) {
    return new DocumentDescription(
        document,
        quarantined,
        changes,
        heads,
        bytes,
        snapshotBytes,
        uncommitted,
        pending,
        pendingBytes,
        indexBytes,
        peerCount,
        observers,
        refused,
        compactingNow,
        leavingNow,
        peers);
  }
}
