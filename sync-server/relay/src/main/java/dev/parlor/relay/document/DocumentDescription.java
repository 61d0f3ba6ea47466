package dev.parlor.relay.document;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Role;
import java.util.List;
import java.util.Optional;

/**
 * The state of a document at one moment, written by its worker for the operator.
 *
 * @param quarantined whether it cannot be read from the store [DU4]; then everything else is empty
 * @param changes in the log
 * @param heads of the document, ascending
 * @param bytes of the log's chunks, plain form
 * @param snapshotBytes size of the snapshot that is sent to joining peers, 0 without a snapshot
 * @param uncommitted changes that are not known to be on disk
 * @param pending changes that wait for dependencies [SY7]
 * @param pendingBytes bytes of the pending changes
 * @param indexBytes approximate size of the index of its operations
 * @param peerCount connections that have the document open
 * @param observers parts of this server that keep the document in memory
 * @param refused whether the store refuses its changes at present
 * @param compacting whether a compaction runs
 * @param leaving whether it was told to leave memory as soon as it is unused
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
   * @param identity the verified identity, if there is one
   * @param framesWaiting for its socket, of all its documents
   * @param heldBack whether the server sends it nothing because it delivered changes that are not
   *     on disk yet [DU1]
   * @param deferred number of messages of this peer that wait until then
   * @param closing whether messages of this document no longer reach it
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
