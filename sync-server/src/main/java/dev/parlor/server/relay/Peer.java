package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.admission.Caller;

/**
 * The port to one joined connection. Safe from any thread; no method blocks. Compared by identity:
 * a peer id that joins again is another {@code Peer} [HS4].
 */
public interface Peer {

  PeerId id();

  Caller caller();

  /**
   * Queues a frame, made of {@code shared} followed by what differs for this peer; both are sent as
   * one message.
   *
   * @return false when the peer is closing or could not keep up and is being closed [1013]; nothing
   *     further reaches it
   */
  boolean offer(Bytes shared, Bytes own);

  /**
   * As {@link #offer}, for a message that may be left out when the peer is slow: an older one of
   * the same author may be dropped for it [EP6].
   */
  boolean offerEphemeral(Bytes shared, Bytes own, PeerId author);

  /** Begins to send what was queued. Without it nothing is sent, but neither is anything lost. */
  void flush();

  /** Frames that wait for its socket. */
  int framesWaiting();

  /**
   * Tells the peer that something of this document was refused. Its connection stays open, unless
   * it is one that ends with its first refusal, or had refusals in too many documents.
   *
   * @param code to close with in these cases
   * @return whether the connection stays open
   */
  boolean refuse(DocumentId document, int code, String rule, String reason);

  /** From now on no change that the peer brings to this document is read. */
  void ignoreChanges(DocumentId document);

  /** Sends what is queued, then an {@code error} message with the reason, then closes. */
  void close(int code, String rule, String reason);
}
