package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The server's own door to a room: what the server writes into a document, says to its peers, and
 * hears of it. Methods only enqueue and may be called from any thread; they stay usable when the
 * room leaves memory in between, since it is then opened again.
 */
public interface ServerDocumentHandle {

  DocumentId document();

  /**
   * Adds changes that the server made, in causal order, plain or deflated chunks. They reach every
   * observer at once and every peer after the commit.
   *
   * @return completes after the commit that holds them; exceptionally with {@link
   *     SubmissionException} when a change is malformed, lacks a dependency or the room failed.
   *     Completion runs on the room's thread: hand over to your own.
   */
  CompletableFuture<Void> submit(List<Bytes> changes);

  /**
   * Sends an ephemeral message to all peers of the room [EP1], under the server's peer id; session
   * and count are added.
   *
   * @param cborData one CBOR value, made with {@link dev.parlor.crdt.wire.CborWriter}
   */
  void broadcast(Bytes cborData);

  /** From now on the observer hears everything, beginning with {@link DocumentObserver#opened}. */
  void observe(DocumentObserver observer);

  void unobserve(DocumentObserver observer);
}
