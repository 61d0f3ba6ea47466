package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayList;
import java.util.List;

/**
 * Reports the events of one document to its observers, and counts admitted changes. Belongs to the
 * document's worker.
 */
final class DocumentEvents {

  private final Metrics metrics;
  private final List<DocumentObserver> observers = new ArrayList<>();

  DocumentEvents(Metrics metrics) {
    this.metrics = metrics;
  }

  void add(DocumentObserver observer) {
    observers.add(observer);
  }

  void remove(DocumentObserver observer) {
    observers.remove(observer);
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

  void failed(Throwable cause) {
    for (var observer : observers) {
      observer.failed(cause);
    }
  }
}
