package dev.parlor.relay.document;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Sync messages that wait until the earlier changes of their peer are on disk. Otherwise a peer
 * that writes faster than the disk commits would always have an uncommitted change, and would never
 * be sent a sync message [DU1]. Belongs to the document's worker.
 */
final class DeferredMessages {

  /** Peers in the order in which their first message was deferred; no queue is empty. */
  private final Map<PeerSession, ArrayDeque<InboundMessage>> queues = new LinkedHashMap<>(0);

  boolean isEmpty() {
    return queues.isEmpty();
  }

  boolean has(PeerSession session) {
    return !queues.isEmpty() && queues.containsKey(session);
  }

  /** The number of deferred messages of this peer. */
  int count(PeerSession session) {
    var queue = queues.get(session);
    return queue == null ? 0 : queue.size();
  }

  /**
   * Defers a message.
   *
   * @return false if the peer has too many deferred messages already; then the message is dropped
   */
  boolean add(PeerSession session, InboundMessage inbound) {
    var queue = queues.computeIfAbsent(session, _ -> new ArrayDeque<>());
    if (queue.size() >= FixedLimits.DEFERRED_MESSAGES_MAX) {
      return false;
    }
    queue.add(inbound);
    return true;
  }

  /**
   * Passes the messages of each peer to the handler while the peer is ready. Drops the messages of
   * closed peers.
   *
   * @param isReady whether a peer's next message may be handled now
   * @return whether a message was handled
   */
  boolean resume(Predicate<PeerSession> isReady, BiConsumer<PeerSession, InboundMessage> handler) {
    var resumed = false;
    for (var entry : queues.entrySet()) {
      var session = entry.getKey();
      var queue = entry.getValue();
      while (!queue.isEmpty() && isReady.test(session)) {
        resumed = true;
        handler.accept(session, queue.removeFirst());
      }
    }
    queues.entrySet().removeIf(entry -> entry.getKey().closed || entry.getValue().isEmpty());
    return resumed;
  }
}
