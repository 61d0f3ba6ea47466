package dev.parlor.room.worker;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.document.ChangeOrigin;
import dev.parlor.relay.document.DocumentObserver;
import dev.parlor.relay.document.ServerDocumentHandle;
import dev.parlor.relay.document.SubmissionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A relay for one room on the calling thread. It records changes and broadcasts. */
final class FakeRelay implements ServerDocumentHandle {
  private final DocumentId document = DocumentId.of(Bytes.wrap(new byte[16]));
  private final List<DocumentObserver> observers = new ArrayList<>();
  final List<Bytes> changes = new ArrayList<>();
  final List<Bytes> broadcasts = new ArrayList<>();
  final List<String> authors = new ArrayList<>();
  boolean diskRefuses;
  boolean refusesAuthors;
  int openings;

  @Override
  public DocumentId document() {
    return document;
  }

  @Override
  public CompletableFuture<Void> submit(List<Bytes> submitted) {
    changes.addAll(submitted);
    List.copyOf(observers).forEach(o -> o.changed(submitted, new ChangeOrigin.Server()));
    return diskRefuses
        ? CompletableFuture.failedFuture(new IOException("no space left"))
        : CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> submit(List<Bytes> submitted, Caller author) {
    authors.add(author.identity().orElseThrow());
    if (refusesAuthors) {
      return CompletableFuture.failedFuture(new SubmissionException("AD6", "not yours"));
    }
    return submit(submitted);
  }

  /** Delivers changes as if a peer without an identity had sent them. */
  void deliver(List<Bytes> sent) {
    changes.addAll(sent);
    var origin = new ChangeOrigin.FromPeer(new PeerId("peer"), Caller.ofOpenRelay());
    List.copyOf(observers).forEach(observer -> observer.changed(sent, origin));
  }

  /** Delivers changes as if a peer with a proven identity had sent them. */
  void deliver(String identity, Bytes... sent) {
    changes.addAll(List.of(sent));
    var origin = new ChangeOrigin.FromPeer(new PeerId("peer-" + identity), caller(identity));
    List.copyOf(observers).forEach(observer -> observer.changed(List.of(sent), origin));
  }

  void join(String identity, String connection) {
    List.copyOf(observers).forEach(o -> o.peerJoined(new PeerId(connection), caller(identity)));
  }

  void leave(String identity, String connection) {
    List.copyOf(observers).forEach(o -> o.peerLeft(new PeerId(connection), caller(identity)));
  }

  void join(Caller caller, String connection) {
    List.copyOf(observers).forEach(o -> o.peerJoined(new PeerId(connection), caller));
  }

  void leave(Caller caller, String connection) {
    List.copyOf(observers).forEach(o -> o.peerLeft(new PeerId(connection), caller));
  }

  void ephemeralFromNode(PeerId sender, Bytes data) {
    List.copyOf(observers).forEach(o -> o.ephemeralFromNode(sender, data));
  }

  /** A change with these edits, made by a client that has the document. */
  Bytes change(List<Edit> edits) throws IOException {
    var actor = new ActorId(Bytes.utf8("fedcba9876543210"));
    try (var copy = Replica.load(Optional.empty(), changes, actor)) {
      return copy.transact(edits).orElseThrow();
    }
  }

  void fail() {
    List<DocumentObserver> failed = List.copyOf(observers);
    observers.clear();
    failed.forEach(observer -> observer.failed(new IllegalStateException("a defect")));
  }

  int observers() {
    return observers.size();
  }

  private static Caller caller(String identity) {
    return new Caller(Optional.of(identity), Role.PLAYER, Optional.empty());
  }

  @Override
  public void broadcast(Bytes cborData) {
    broadcasts.add(cborData);
  }

  @Override
  public void broadcastAs(PeerId sender, SessionId session, long count, Bytes cborData) {
    broadcasts.add(cborData);
  }

  @Override
  public void observe(DocumentObserver observer) {
    openings++;
    observers.add(observer);
    observer.opened(Optional.empty(), List.copyOf(changes));
  }

  @Override
  public void unobserve(DocumentObserver observer) {
    observers.remove(observer);
  }
}
