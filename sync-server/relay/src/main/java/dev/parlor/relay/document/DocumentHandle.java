package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The handle of one document, for connections and for the server itself. Every method adds a
 * command to the mailbox of the document's current {@link DocumentWorker}. {@link #receive}, {@link
 * #submit} and {@link #observe} open the document if it is not in memory. Safe from any thread.
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
   * Adds a peer's sync message. If the mailbox is full, the message is not added. Then the caller
   * stops reading the peer's socket, and adds the message again after {@link StepExecutor#drained}.
   *
   * @return whether the message was added
   */
  public boolean receive(Peer peer, InboundMessage inbound, StepExecutor executor) {
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
        case ACCEPTED, WAKE -> {
          return true;
        }
        case FULL -> {
          return false;
        }
        case CLOSED -> directory.remove(document, worker.get());
      }
    }
  }

  /**
   * Adds a peer's ephemeral message. It is dropped if the document is not open or its mailbox is
   * full.
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
            == Mailbox.PutResult.FULL) {
      directory.services().metrics().ephemeralDropped("overload");
    }
  }

  /**
   * Detaches a peer whose connection ended.
   *
   * @param goodbye whether to send a goodbye to the other peers [EP5]; false if a newer connection
   *     has the same peer id
   */
  public void leave(Peer peer, boolean goodbye) {
    directory
        .inMemory(document)
        .ifPresent(worker -> worker.forcePut(new DocumentCommand.Leave(peer, goodbye)));
  }

  @Override
  public CompletableFuture<Void> submit(List<Bytes> changes) {
    return submit(changes, Optional.empty());
  }

  @Override
  public CompletableFuture<Void> submit(List<Bytes> changes, Caller author) {
    return submit(changes, Optional.of(author));
  }

  private CompletableFuture<Void> submit(List<Bytes> changes, Optional<Caller> author) {
    var done = new CompletableFuture<Void>();
    switch (directory.decoder().changes(changes)) {
      case Decoding.Decoded<List<ChangeChunk>>(var decoded) ->
          forcePut(new DocumentCommand.Submit(decoded, author, Optional.empty(), done));
      case Decoding.Malformed<List<ChangeChunk>>(var rule, var reason) ->
          done.completeExceptionally(new SubmissionException(rule, reason));
    }
    return done;
  }

  /**
   * As {@link #submit(List, Caller)}, for changes that were made from the document's content, and
   * for all callers. All limits and rules for a peer's changes apply [AD3] [AD5] [AD6].
   *
   * @param expectedHeads the heads, ascending, that the document must have when the changes are
   *     added; empty if any will do. If it has others, the result fails with {@link
   *     HeadsChangedException}
   */
  public CompletableFuture<Void> submit(
      List<ChangeChunk> changes, Caller author, Optional<List<ChangeHash>> expectedHeads) {
    var done = new CompletableFuture<Void>();
    forcePut(new DocumentCommand.Submit(changes, Optional.of(author), expectedHeads, done));
    return done;
  }

  @Override
  public void broadcast(Bytes cborData) {
    directory
        .inMemory(document)
        .ifPresent(worker -> worker.forcePut(new DocumentCommand.Broadcast(cborData)));
  }

  @Override
  public void broadcastAs(PeerId sender, SessionId session, long count, Bytes cborData) {
    directory
        .inMemory(document)
        .ifPresent(
            worker ->
                worker.forcePut(new DocumentCommand.BroadcastAs(sender, session, count, cborData)));
  }

  @Override
  public void observe(DocumentObserver observer) {
    forcePut(new DocumentCommand.Observe(observer));
  }

  @Override
  public void unobserve(DocumentObserver observer) {
    directory
        .inMemory(document)
        .ifPresent(worker -> worker.forcePut(new DocumentCommand.Unobserve(observer)));
  }

  /**
   * The changes since these heads, when all of them are on disk. The future completes on the
   * worker's thread, so a caller must wait for it and not attach work to it. It fails with a {@link
   * SubmissionException} if the document is deleted or cannot be read.
   */
  public CompletableFuture<DocumentChanges> changesSince(List<ChangeHash> heads) {
    return readChanges(Optional.of(heads));
  }

  /** As {@link #changesSince}, for the present heads without changes. */
  public CompletableFuture<DocumentChanges> heads() {
    return readChanges(Optional.empty());
  }

  private CompletableFuture<DocumentChanges> readChanges(Optional<List<ChangeHash>> since) {
    var done = new CompletableFuture<DocumentChanges>();
    forcePut(new DocumentCommand.ReadChanges(since, done));
    return done;
  }

  private void forcePut(DocumentCommand command) {
    while (true) {
      var worker = directory.workerForServer(document);
      if (worker.forcePut(command)) {
        return;
      }
      directory.remove(document, worker);
    }
  }
}
