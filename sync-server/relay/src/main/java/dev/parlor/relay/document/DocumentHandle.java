package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The handle of one document, for connections and for the server itself. Every method adds a
 * command to the mailbox of the {@link DocumentWorker} that serves the document at the moment, and
 * opens the document if it is not in memory. Safe from any thread.
 */
public final class DocumentHandle implements ServerDocumentHandle {

  private final DocumentId document;
  private final DocumentDirectory directory;

  DocumentHandle(DocumentId document, DocumentDirectory directory) {
    this.document = document;
    this.directory = directory;
  }

  @Override
  public DocumentId document() {
    return document;
  }

  /**
   * A peer's sync message. An overloaded document does not take it. Then the caller offers the
   * message again after {@link StepExecutor#drained}, and reads nothing from the peer's socket
   * until then.
   *
   * @return whether the document took it
   */
  public boolean receive(Peer peer, Inbound inbound, StepExecutor executor) {
    var command =
        new DocumentCommand.Receive(peer, inbound, directory.services().nanoTime().getAsLong());
    while (true) {
      var worker = directory.worker(document);
      if (worker.isEmpty()) {
        peer.offer(
            WireCodec.shared(
                new WireMessage.DocUnavailable(directory.services().server(), peer.id(), document)),
            WireCodec.target(peer.id()));
        peer.flush();
        return true;
      }
      switch (worker.get().put(command, inbound.cost(), executor)) {
        case TAKEN, WAKE -> {
          return true;
        }
        case FULL -> {
          return false;
        }
        case CLOSED -> directory.gone(document, worker.get());
      }
    }
  }

  /**
   * A peer's ephemeral message. It is dropped when the document is not open, and when the document
   * is overloaded, since presence is dropped before sync.
   */
  public void receiveEphemeral(Peer peer, WireMessage.Ephemeral message, StepExecutor executor) {
    var worker = directory.inMemory(document);
    if (worker.isPresent()
        && worker
                .get()
                .put(
                    new DocumentCommand.ReceiveEphemeral(peer, message),
                    message.data().length(),
                    executor)
            == Mailbox.Put.FULL) {
      directory.services().metrics().ephemeralDropped("overload");
    }
  }

  /**
   * A peer is gone.
   *
   * @param goodbye whether other peers are told [EP5]; false when the peer is back on a newer
   *     connection
   */
  public void leave(Peer peer, boolean goodbye) {
    directory
        .inMemory(document)
        .ifPresent(worker -> worker.force(new DocumentCommand.Leave(peer, goodbye)));
  }

  @Override
  public CompletableFuture<Void> submit(List<Bytes> changes) {
    var done = new CompletableFuture<Void>();
    switch (directory.decoder().changes(changes)) {
      case Decoding.Decoded<List<ChangeChunk>>(var decoded) ->
          force(new DocumentCommand.Submit(decoded, done));
      case Decoding.Malformed<List<ChangeChunk>>(var rule, var reason) ->
          done.completeExceptionally(new SubmissionException(rule, reason));
    }
    return done;
  }

  @Override
  public void broadcast(Bytes cborData) {
    directory
        .inMemory(document)
        .ifPresent(worker -> worker.force(new DocumentCommand.Broadcast(cborData)));
  }

  @Override
  public void observe(DocumentObserver observer) {
    force(new DocumentCommand.Observe(observer));
  }

  @Override
  public void unobserve(DocumentObserver observer) {
    directory
        .inMemory(document)
        .ifPresent(worker -> worker.force(new DocumentCommand.Unobserve(observer)));
  }

  private void force(DocumentCommand command) {
    while (true) {
      var worker = directory.workerForServer(document);
      if (worker.force(command)) {
        return;
      }
      directory.gone(document, worker);
    }
  }
}
