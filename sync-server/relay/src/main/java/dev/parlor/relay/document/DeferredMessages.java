package dev.parlor.relay.document;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Sync messages that wait until the earlier changes of their peer are on disk. A peer that writes
 * faster than the disk commits would otherwise always have a change that is not on disk, and never
 * be sent anything [DU1]. Belongs to the document's worker.
 */
final class DeferredMessages {

  /** Peers in the order in which their first message was deferred; no queue is empty. */
  private final Map<PeerSession, ArrayDeque<Inbound>> queues = new LinkedHashMap<>(0);

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
   * @return false when the peer has too many deferred messages already; the message is not kept
   */
  boolean add(PeerSession session, Inbound inbound) {
    var queue = queues.computeIfAbsent(session, _ -> new ArrayDeque<>());
    if (queue.size() >= FixedLimits.DEFERRED_MESSAGES_MAX) {
      return false;
    }
    queue.add(inbound);
    return true;
  }

  /**
   * Hands out the messages of every peer that is ready, until it is not ready any more. Forgets
   * peers that are closed.
   *
   * @param isReady whether a peer's next message may be handled now
   * @return whether there was such a message
   */
  boolean resume(Predicate<PeerSession> isReady, BiConsumer<PeerSession, Inbound> handler) {
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
