package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.relay.admission.Caller;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The server's own access to a document: adds changes, sends ephemeral messages, and observes
 * events. Methods only enqueue and may be called from any thread. The handle stays usable after the
 * document left memory: {@link #submit} and {@link #observe} open the document again.
 */
public interface ServerDocumentHandle {

  DocumentId document();

  /**
   * Adds changes that the server made, in causal order, as plain or deflated chunks. Every observer
   * gets them at once, and every peer after the commit.
   *
   * @return completes after the changes are on disk. It fails with {@link SubmissionException} if a
   *     change is malformed, a dependency is missing, or the document fails. It completes on the
   *     worker's thread, so dependent work must run on another thread.
   */
  CompletableFuture<Void> submit(List<Bytes> changes);

  /**
   * As {@link #submit(List)}, for changes that the server made for a caller. Their operations are
   * admitted as if the caller had sent them [AD5] [AD6]; only their actor is the server's.
   *
   * @param author a caller with an identity
   */
  CompletableFuture<Void> submit(List<Bytes> changes, Caller author);

  /**
   * Sends an ephemeral message to all peers of the document [EP1]. Its sender is the server's peer
   * id; its session and count are generated.
   *
   * @param cborData one CBOR value, made with {@link dev.parlor.crdt.wire.CborWriter}
   */
  void broadcast(Bytes cborData);

  /**
   * As {@link #broadcast}, in the name of a participant that is connected to the server without the
   * sync protocol.
   *
   * @param sender a peer id that no peer of the sync protocol has
   * @param session an id that this sender uses in one connection only
   * @param count the number of the message in its session, from 1
   */
  void broadcastAs(PeerId sender, SessionId session, long count, Bytes cborData);

  /**
   * Adds an observer, which receives all events from now on, {@link DocumentObserver#opened} first.
   */
  void observe(DocumentObserver observer);

  void unobserve(DocumentObserver observer);
}
