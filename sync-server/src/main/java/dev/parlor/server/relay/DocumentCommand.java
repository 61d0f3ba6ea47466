package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What can be asked of a room's writer. */
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

  /** Messages of other nodes may have been lost. */
  record Resumed() implements DocumentCommand {}

  /** The server's own changes. */
  record Submit(List<ChangeChunk> changes, CompletableFuture<Void> done)
      implements DocumentCommand {}

  /** The server's own ephemeral message. */
  record Broadcast(Bytes data) implements DocumentCommand {}

  record Observe(DocumentObserver observer) implements DocumentCommand {}

  record Unobserve(DocumentObserver observer) implements DocumentCommand {}

  /** The store answered an append; {@code failure} when it refused. */
  record Appended(int from, int to, Optional<Throwable> failure) implements DocumentCommand {}

  /** Nothing but a reason to look: some time is over. */
  record Tick() implements DocumentCommand {}

  /** Compaction ended; with a new snapshot unless it failed. */
  record Compacted(Optional<dev.parlor.crdt.sync.SyncEncoder.Snapshot> snapshot)
      implements DocumentCommand {}

  /** Tells how the room is; no use that keeps it in memory. */
  record Describe(boolean inDetail, CompletableFuture<DocumentDescription> done)
      implements DocumentCommand {}

  /** Compacts the document now. */
  record Compact(CompletableFuture<Compaction> done) implements DocumentCommand {}

  /** Closes all connections with 1012, and lets the room leave memory without waiting. */
  record Dismiss(CompletableFuture<Integer> done) implements DocumentCommand {}

  /** Completes {@code done} when everything in the room is on disk. */
  record Flush(CompletableFuture<Void> done) implements DocumentCommand {}
}
