package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A command for a document's worker. */
sealed interface DocumentCommand {

  /** A command whose sender waits for an answer. */
  sealed interface Awaited extends DocumentCommand {
    /** Completed by the document's worker. */
    CompletableFuture<?> done();
  }

  /** A command without a waiting sender; a quarantined or failed document ignores it. */
  sealed interface Unanswered extends DocumentCommand {}

  // From peers.

  /** A peer's sync message; the first one opens the document for that peer. */
  record Receive(Peer peer, InboundMessage inbound, long receivedAt) implements DocumentCommand {}

  /** A peer's ephemeral message. */
  record ReceiveEphemeral(Peer peer, WireMessage.Ephemeral message) implements Unanswered {}

  /** A connection ended; {@code goodbye} if no newer connection has its peer id. */
  record Leave(Peer peer, boolean goodbye) implements Unanswered {}

  // From other nodes.

  /** Another node's sync message. */
  record ReceiveFromNode(InboundMessage inbound) implements Unanswered {}

  /** An ephemeral message from another node. */
  record ReceiveEphemeralFromNode(WireMessage.Ephemeral message) implements Unanswered {}

  /** Messages from other nodes may have been lost. */
  record BusResumed() implements Unanswered {}

  // From the server itself.

  /**
   * The server's own changes.
   *
   * @param author the caller for whom the server made the changes; empty for the server itself
   * @param expectedHeads the heads that the document must have; empty if any will do
   */
  record Submit(
      List<ChangeChunk> changes,
      Optional<Caller> author,
      Optional<List<ChangeHash>> expectedHeads,
      CompletableFuture<Void> done)
      implements Awaited {}

  /** The server's own ephemeral message. */
  record Broadcast(Bytes data) implements Unanswered {}

  /** An ephemeral message of a participant that is connected without the sync protocol. */
  record BroadcastAs(PeerId sender, SessionId session, long count, Bytes data)
      implements Unanswered {}

  record Observe(DocumentObserver observer) implements DocumentCommand {}

  record Unobserve(DocumentObserver observer) implements Unanswered {}

  /** Completes {@code done} when all changes of the document are on disk. */
  record Flush(CompletableFuture<Void> done) implements Awaited {}

  /**
   * Completes {@code done} with the changes since these heads, when all of them are on disk.
   *
   * @param since empty to read the heads only
   */
  record ReadChanges(Optional<List<ChangeHash>> since, CompletableFuture<DocumentChanges> done)
      implements Awaited {}

  /** Has no effect of its own: the timer adds it to start a step. */
  record Tick() implements Unanswered {}

  // From the store and from compaction.

  /**
   * The store answered an append that began at log position {@code from}; {@code failure} is empty
   * if the changes are on disk.
   */
  record Appended(int from, Optional<Throwable> failure) implements Unanswered {}

  /** Compaction ended; {@code snapshot} is empty when it failed. */
  record Compacted(Compactor.Result result) implements Unanswered {}

  // From the operator.

  /** Describes the document. */
  record Describe(boolean inDetail, CompletableFuture<DocumentDescription> done)
      implements Awaited {}

  /** Compacts the document now. */
  record Compact(CompletableFuture<CompactionOutcome> done) implements Awaited {}

  /**
   * Closes all connections with code 1012, and removes the document from memory as soon as it is
   * unused. The result is the number of connections.
   */
  record Close(CompletableFuture<Integer> done) implements Awaited {}

  // From the deletion of documents.

  /**
   * The document was deleted. Its peers are told at once. When all its changes are on disk and no
   * compaction runs, {@code done} completes.
   */
  record Delete(CompletableFuture<Void> done) implements Awaited {}

  /**
   * A deleted document was restored, so it is read from the store again. {@code done} completes
   * when no later command is answered as for a deleted document.
   */
  record Restored(CompletableFuture<Void> done) implements Awaited {}

  /**
   * Whether the command counts as use of the document, which keeps it in memory. Queries of the
   * operator and messages of other nodes do not count.
   */
  default boolean isUse() {
    return switch (this) {
      case Tick _,
          Describe _,
          Restored _,
          ReceiveFromNode _,
          ReceiveEphemeralFromNode _,
          BusResumed _ ->
          false;
      case Receive _,
          ReceiveEphemeral _,
          Leave _,
          Submit _,
          Broadcast _,
          BroadcastAs _,
          Observe _,
          Unobserve _,
          ReadChanges _,
          Delete _,
          Appended _,
          Compacted _,
          Compact _,
          Close _,
          Flush _ ->
          true;
    };
  }
}
