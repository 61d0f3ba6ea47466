package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import java.util.Set;

/**
 * The port to one connection that has joined. Safe from any thread; no method blocks. Compared by
 * reference: if the same peer id joins on a new connection, that is another {@code Peer} [HS4].
 */
public interface Peer {

  PeerId id();

  Caller caller();

  /** The caller's role in a document that this connection has opened. */
  default Role roleIn(DocumentId document) {
    return caller().role();
  }

  /** The caller's named roles in a document that this connection has opened; see the policy. */
  default Set<String> namedRolesIn(DocumentId document) {
    return caller().namedRoles();
  }

  /**
   * Queues a frame that consists of {@code shared}, then {@code own}; both are sent as one message.
   *
   * @param shared the bytes that all receivers of the message share
   * @param own the bytes for this peer only
   * @return false if the connection is closing, for example with code 1013 because the peer reads
   *     too slowly; no later frame reaches the peer
   */
  boolean offer(Bytes shared, Bytes own);

  /**
   * Like {@link #offer}, for an ephemeral message. If the peer reads slowly, the message is dropped
   * or replaces an older message of the same author [EP6].
   */
  boolean offerEphemeral(Bytes shared, Bytes own, PeerId author);

  /** Starts sending the queued frames. Without this call they stay queued. */
  void flush();

  /** The number of frames that wait for the peer's socket. */
  int framesWaiting();

  /**
   * Notifies the peer that a change of this document was refused. The connection is closed at the
   * first refusal if its kind requires that, or if changes were refused in too many documents.
   *
   * @param code the close code, if the connection ends
   * @return whether the connection stays open
   */
  boolean refuse(DocumentId document, int code, String rule, String reason);

  /** From now on, changes that the peer sends to this document are dropped unread. */
  void ignoreChanges(DocumentId document);

  /**
   * Sends the queued frames, then an {@code error} message with the reason, then closes the
   * connection.
   */
  void close(int code, String rule, String reason);
}
