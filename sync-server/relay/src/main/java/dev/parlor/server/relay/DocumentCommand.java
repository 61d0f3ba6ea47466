package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A command for a document's worker. */
sealed interface DocumentCommand {

  /** A peer's sync message; the first one opens the document for that peer. */
  record Receive(Peer peer, Inbound inbound, long receivedAt) implements DocumentCommand {}

  /** A peer's ephemeral message. */
  record Say(Peer peer, WireMessage.Ephemeral message) implements DocumentCommand {}

  /** A peer is gone; {@code goodbye} when no newer connection has its id. */
  record Leave(Peer peer, boolean goodbye) implements DocumentCommand {}

  /** Another node's sync message. */
  record Heard(Inbound inbound) implements DocumentCommand {}

  /** An ephemeral message that another node passed on. */
  record HeardSaid(WireMessage.Ephemeral message) implements DocumentCommand {}

  /** Messages from other nodes may have been lost. */
  record Resumed() implements DocumentCommand {}

  /** The server's own changes. */
  record Submit(List<ChangeChunk> changes, CompletableFuture<Void> done)
      implements DocumentCommand {}

  /** The server's own ephemeral message. */
  record Broadcast(Bytes data) implements DocumentCommand {}

  record Observe(DocumentObserver observer) implements DocumentCommand {}

  record Unobserve(DocumentObserver observer) implements DocumentCommand {}

  /** The store answered an append; {@code failure} is present when it refused. */
  record Appended(int from, int to, Optional<Throwable> failure) implements DocumentCommand {}

  /** Starts a step because a time is over, and does nothing else. */
  record Tick() implements DocumentCommand {}

  /** Compaction ended; {@code snapshot} is empty when it failed. */
  record Compacted(Optional<dev.parlor.crdt.sync.SyncEncoder.Snapshot> snapshot)
      implements DocumentCommand {}

  /** Describes the document; does not count as use, so it does not keep the document in memory. */
  record Describe(boolean inDetail, CompletableFuture<DocumentDescription> done)
      implements DocumentCommand {}

  /** Compacts the document now. */
  record Compact(CompletableFuture<Compaction> done) implements DocumentCommand {}

  /**
   * Closes all connections with 1012, and lets the document leave memory without waiting for
   * idleness.
   */
  record Dismiss(CompletableFuture<Integer> done) implements DocumentCommand {}

  /** Completes {@code done} when all changes of the document are on disk. */
  record Flush(CompletableFuture<Void> done) implements DocumentCommand {}
}
