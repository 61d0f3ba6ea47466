package dev.parlor.relay.document;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Role;
import java.util.List;
import java.util.Optional;

/**
 * The state of a document at one moment, for the operator.
 *
 * @param quarantined whether the document cannot be read from the store [DU4]; then all other
 *     values are empty
 * @param changes number of changes in the document
 * @param heads the document's heads, ascending
 * @param bytes size of all changes in plain form
 * @param snapshotBytes size of the snapshot that is sent to joining peers; 0 without a snapshot
 * @param uncommitted number of changes that are not committed yet
 * @param pending number of changes that wait for a dependency [SY7]
 * @param pendingBytes size of the pending changes
 * @param indexBytes approximate heap size of the operation index
 * @param peerCount number of connections that have the document open
 * @param observers number of observers, which keep the document in memory
 * @param refused whether the store refuses the document's changes at present
 * @param compacting whether a compaction runs
 * @param leaving whether the operator requested that the document leaves memory as soon as it is
 *     unused
 * @param peers the connections in order of arrival; empty unless details were requested
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
   * @param identity the verified identity; empty for a guest
   * @param framesWaiting number of frames of all documents that wait for the peer's socket
   * @param heldBack whether the server sends the peer no sync messages, because the peer delivered
   *     changes that are not on disk yet [DU1]
   * @param deferred number of the peer's messages that wait until these changes are on disk
   * @param closing whether messages of this document no longer reach the peer
   */
  public record PeerDescription(
      PeerId peer,
      Optional<String> identity,
      Role role,
      int framesWaiting,
      boolean heldBack,
      int deferred,
      boolean closing) {}

  static DocumentDescription quarantined(DocumentId document, boolean leaving) {
    return new DocumentDescription(
        document, true, 0, List.of(), 0, 0, 0, 0, 0, 0, 0, 0, false, false, leaving, List.of());
  }

  /** The description of a deleted document. */
  static DocumentDescription withoutContent(DocumentId document, boolean leaving) {
    return new DocumentDescription(
        document, false, 0, List.of(), 0, 0, 0, 0, 0, 0, 0, 0, false, false, leaving, List.of());
  }

  /** This description with the two values that only the worker knows. */
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
