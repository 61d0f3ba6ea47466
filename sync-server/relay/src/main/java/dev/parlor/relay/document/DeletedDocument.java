package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A deleted document [DD1]. It tells each peer once that it is deleted, drops all changes, and
 * answers requests with {@code doc-unavailable}. Connections stay open. Belongs to the document's
 * worker.
 */
final class DeletedDocument implements ServedDocument {

  static final String RULE = "DD1";
  static final String REASON = "this document is deleted";

  private final DocumentId id;
  private final RelayServices services;

  /** The connections that were told. */
  private final Set<Peer> told = Collections.newSetFromMap(new IdentityHashMap<>(0));

  /** Completed when the open document has ended, so that the data can be removed. */
  private final List<CompletableFuture<Void>> awaitEnd = new ArrayList<>(0);

  private boolean leaving;

  DeletedDocument(DocumentId id, RelayServices services) {
    this.id = id;
    this.services = services;
  }

  @Override
  public long step(List<DocumentCommand> commands, long now) {
    commands.forEach(this::handle);
    return Long.MAX_VALUE;
  }

  private void handle(DocumentCommand command) {
    switch (command) {
      case DocumentCommand.Delete(var done) -> done.complete(null);
      case DocumentCommand.Leave(var peer, _) -> forget(peer);
      case DocumentCommand.Flush(var done) -> done.complete(null);
      case DocumentCommand.Describe(_, var done) ->
          done.complete(DocumentDescription.withoutContent(id, leaving));
      case DocumentCommand.Close(var done) -> {
        leaving = true;
        done.complete(0);
      }
      case DocumentCommand.Restored(var done) -> {
        leaving = true;
        awaitEnd(done);
      }
      default -> answer(command);
    }
  }

  /**
   * Whether {@link #answer} handles this command, also in place of a document that is deleted while
   * it is open.
   */
  static boolean answers(DocumentCommand command) {
    return switch (command) {
      case DocumentCommand.Receive _,
          DocumentCommand.ReceiveEphemeral _,
          DocumentCommand.ReceiveFromNode _,
          DocumentCommand.ReceiveEphemeralFromNode _,
          DocumentCommand.Submit _,
          DocumentCommand.Broadcast _,
          DocumentCommand.BroadcastAs _,
          DocumentCommand.Observe _,
          DocumentCommand.ReadChanges _,
          DocumentCommand.Compact _ ->
          true;
      case DocumentCommand.Leave _,
          DocumentCommand.BusResumed _,
          DocumentCommand.Unobserve _,
          DocumentCommand.Flush _,
          DocumentCommand.Tick _,
          DocumentCommand.Appended _,
          DocumentCommand.Compacted _,
          DocumentCommand.Describe _,
          DocumentCommand.Close _,
          DocumentCommand.Restored _,
          DocumentCommand.Delete _ ->
          false;
    };
  }

  /** Answers a command that needs the content of the document. */
  void answer(DocumentCommand command) {
    switch (command) {
      case DocumentCommand.Receive(var peer, var inbound, _) -> receive(peer, inbound);
      case DocumentCommand.ReceiveEphemeral _ -> services.metrics().ephemeralDropped("unread");
      case DocumentCommand.Submit(_, _, _, var done) -> done.completeExceptionally(reason());
      case DocumentCommand.ReadChanges(_, var done) -> done.completeExceptionally(reason());
      case DocumentCommand.Observe(var observer) -> observer.failed(reason());
      case DocumentCommand.Compact(var done) ->
          done.complete(new CompactionOutcome.Refused("deleted", "the document is deleted"));
      default -> {}
    }
  }

  static SubmissionException reason() {
    return new SubmissionException(RULE, REASON);
  }

  private void receive(Peer peer, InboundMessage inbound) {
    var dropped = inbound.changes().size() + inbound.unread().size();
    if (dropped > 0) {
      services.metrics().changesDropped(dropped);
    }
    if (!told.contains(peer)) {
      tell(peer);
    } else if (inbound.message().heads().isEmpty()) {
      sendUnavailable(peer); // a request, which the client makes for each search
      peer.flush();
    }
  }

  /** Tells a peer that the document is deleted. */
  void tell(Peer peer) {
    told.add(peer);
    services.metrics().refused(RULE);
    peer.offer(
        WireCodec.shared(
            new WireMessage.ErrorMessage(
                services.server(), peer.id(), "[" + RULE + "] " + REASON, id)),
        WireCodec.target(peer.id()));
    sendUnavailable(peer);
    peer.flush();
  }

  private void sendUnavailable(Peer peer) {
    peer.offer(
        WireCodec.shared(new WireMessage.DocUnavailable(services.server(), peer.id(), id)),
        WireCodec.target(peer.id()));
  }

  /** Forgets a peer whose connection ended. */
  void forget(Peer peer) {
    told.remove(peer);
  }

  /** Completes the future when the open document has ended. */
  void awaitEnd(CompletableFuture<Void> done) {
    awaitEnd.add(done);
  }

  @Override
  public boolean isUnused() {
    return true;
  }

  @Override
  public boolean isLeaving() {
    return leaving;
  }

  @Override
  public void evicted() {}

  @Override
  public void fail(Throwable cause) {}

  @Override
  public void end() {
    awaitEnd.forEach(done -> done.complete(null));
    awaitEnd.clear();
  }
}
