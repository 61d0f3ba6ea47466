package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;

/**
 * The port to one joined connection. Safe from any thread; no method blocks. Compared by reference:
 * a peer id that joins again is another {@code Peer} [HS4].
 */
public interface Peer {

  PeerId id();

  Caller caller();

  /**
   * Queues a frame that consists of {@code shared} followed by the bytes for this peer; both are
   * sent as one message.
   *
   * @return false when the peer is closing, or was too slow and is being closed [1013]; no later
   *     frame reaches it
   */
  boolean offer(Bytes shared, Bytes own);

  /**
   * Like {@link #offer}, for a message that may be dropped when the peer is slow: it may replace an
   * older message of the same author [EP6].
   */
  boolean offerEphemeral(Bytes shared, Bytes own, PeerId author);

  /** Starts sending the queued frames. Without this call they stay queued. */
  void flush();

  /** Frames that wait for the peer's socket. */
  int framesWaiting();

  /**
   * Tells the peer that a change of this document was refused. The connection stays open, unless it
   * is of the kind that ends with the first refusal, or had refusals in too many documents.
   *
   * @param code the close code, if the connection ends
   * @return whether the connection stays open
   */
  boolean refuse(DocumentId document, int code, String rule, String reason);

  /** From now on the changes that the peer brings to this document are not read. */
  void ignoreChanges(DocumentId document);

  /**
   * Sends the queued frames, then an {@code error} message with the reason, then closes the
   * connection.
   */
  void close(int code, String rule, String reason);
}
