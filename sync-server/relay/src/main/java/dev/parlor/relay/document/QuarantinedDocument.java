package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.List;

/**
 * A document that cannot be read from the store [DU4]. Its peers are sent {@code doc-unavailable},
 * and none of their changes is acknowledged. Belongs to the document's worker.
 */
final class QuarantinedDocument implements ServedDocument {

  private final DocumentId id;
  private final RelayServices services;
  private boolean leaving;

  QuarantinedDocument(DocumentId id, RelayServices services) {
    this.id = id;
    this.services = services;
  }

  @Override
  public long step(List<DocumentCommand> commands, long now) {
    commands.forEach(this::answer);
    return Long.MAX_VALUE;
  }

  private void answer(DocumentCommand command) {
    switch (command) {
      case DocumentCommand.Receive(var peer, _, _) -> sendUnavailable(peer);
      case DocumentCommand.Submit(_, _, _, var done) -> done.completeExceptionally(reason());
      case DocumentCommand.Flush(var done) -> done.complete(null);
      case DocumentCommand.Describe(_, var done) ->
          done.complete(DocumentDescription.quarantined(id, leaving));
      case DocumentCommand.Compact(var done) ->
          done.complete(
              new CompactionOutcome.Refused("quarantined", "the document cannot be read"));
      case DocumentCommand.Close(var done) -> {
        leaving = true;
        done.complete(0);
      }
      case DocumentCommand.ReadChanges(_, var done) -> done.completeExceptionally(reason());
      case DocumentCommand.Delete(var done) -> {
        // The next worker finds that the document is deleted.
        leaving = true;
        done.complete(null);
      }
      case DocumentCommand.Restored(var done) -> done.complete(null);
      case DocumentCommand.Observe(var observer) -> observer.failed(reason());
      case DocumentCommand.Unanswered _ -> {}
    }
  }

  private static SubmissionException reason() {
    return new SubmissionException("DU4", "the document cannot be read and is quarantined");
  }

  private void sendUnavailable(Peer peer) {
    peer.offer(
        WireCodec.shared(new WireMessage.DocUnavailable(services.server(), peer.id(), id)),
        WireCodec.target(peer.id()));
    peer.flush();
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
  public void end() {}
}
