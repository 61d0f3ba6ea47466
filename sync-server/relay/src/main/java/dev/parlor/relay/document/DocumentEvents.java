package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reports the events of one document to its observers and to the {@link ChangeListener}, and counts
 * admitted changes. Belongs to the document's worker.
 */
final class DocumentEvents {

  private final DocumentId document;
  private final ChangeGraph graph;
  private final Metrics metrics;
  private final List<DocumentObserver> observers = new ArrayList<>();

  /** Null if nothing listens to this document. */
  private final @Nullable ChangeListener listener;

  /** The heads at the last report, if something listens. */
  private List<ChangeHash> heads = List.of();

  DocumentEvents(DocumentId document, RelayServices services, ChangeGraph graph) {
    this.document = document;
    this.graph = graph;
    this.metrics = services.metrics();
    var changes = services.changes();
    this.listener = changes.listensTo(document) ? changes : null;
    if (listener != null) {
      heads = graph.heads();
    }
  }

  void add(DocumentObserver observer) {
    observers.add(observer);
  }

  void remove(DocumentObserver observer) {
    observers.remove(observer);
  }

  void removeAll() {
    observers.clear();
  }

  int observers() {
    return observers.size();
  }

  /**
   * Reports changes that were added to the graph.
   *
   * @param added their chunks in log order; may be empty
   */
  void changed(List<Bytes> added, ChangeOrigin origin) {
    if (added.isEmpty()) {
      return;
    }
    var bytes = 0L;
    for (var chunk : added) {
      bytes += chunk.length();
    }
    metrics.changesAdmitted(added.size(), bytes);
    for (var observer : observers) {
      observer.changed(added, origin);
    }
    if (listener != null) {
      var before = heads;
      heads = graph.heads(); // the messages to peers need them in any case
      if (!(origin instanceof ChangeOrigin.FromNode)) {
        listener.changed(document, before);
      }
    }
  }

  void joined(Peer peer) {
    for (var observer : observers) {
      observer.peerJoined(peer.id(), peer.caller());
    }
  }

  void left(Peer peer) {
    for (var observer : observers) {
      observer.peerLeft(peer.id(), peer.caller());
    }
  }

  /** Reports an ephemeral message of a peer. */
  void ephemeral(Peer peer, Bytes data) {
    for (var observer : observers) {
      observer.ephemeral(peer.id(), peer.caller(), data);
    }
  }

  /** Reports an ephemeral message that the server sent on another node. */
  void messageOfNode(Bytes data) {
    for (var observer : observers) {
      observer.messageOfNode(data);
    }
  }

  /** Reports an ephemeral message of a peer of another node. */
  void ephemeralFromNode(PeerId sender, Bytes data) {
    for (var observer : observers) {
      observer.ephemeralFromNode(sender, data);
    }
  }

  void failed(Throwable cause) {
    for (var observer : observers) {
      observer.failed(cause);
    }
  }
}
