package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The server's own access to a document: the server writes changes, sends messages to its peers,
 * and observes it. Methods only enqueue and may be called from any thread. The handle stays usable
 * when the document leaves memory, since the next use opens the document again.
 */
public interface ServerDocumentHandle {

  DocumentId document();

  /**
   * Adds changes that the server made, in causal order, as plain or deflated chunks. Every observer
   * gets them at once, and every peer after the commit.
   *
   * @return completes after the commit that contains the changes; exceptionally with {@link
   *     SubmissionException} when a change is malformed, a dependency is missing, or the document
   *     failed. Completion runs on the worker's thread: continue on a thread of your own.
   */
  CompletableFuture<Void> submit(List<Bytes> changes);

  /**
   * Sends an ephemeral message to all peers of the document [EP1], under the server's peer id;
   * session and count are added.
   *
   * @param cborData one CBOR value, made with {@link dev.parlor.crdt.wire.CborWriter}
   */
  void broadcast(Bytes cborData);

  /**
   * From now on the observer is told of all events, beginning with {@link DocumentObserver#opened}.
   */
  void observe(DocumentObserver observer);

  void unobserve(DocumentObserver observer);
}
