package dev.parlor.relay.cluster;

import dev.parlor.crdt.identity.Bytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Messages between the nodes of one process, for tests. They are delivered on one thread of their
 * own, in order. Messages from and to nodes that {@link #separate} named are lost. Safe from any
 * thread.
 */
public final class MemoryNodeMessages implements AutoCloseable {

  private record Subscription(int node, String topic, NodeMessages.Listener listener) {}

  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final Set<Integer> separated = new HashSet<>();
  private final ExecutorService deliverer =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("node-messages").factory());

  /** The messages of this node. */
  public NodeMessages node(int node) {
    return new NodeMessages() {
      @Override
      public void publish(String topic, Bytes message) {
        for (var subscription : subscriptions) {
          if (subscription.node != node
              && subscription.topic.equals(topic)
              && connects(node, subscription.node)) {
            deliverer.execute(() -> subscription.listener.received(message));
          }
        }
      }

      @Override
      public void subscribe(String topic, Listener listener) {
        subscriptions.add(new Subscription(node, topic, listener));
      }
    };
  }

  private synchronized boolean connects(int from, int to) {
    return !separated.contains(from) && !separated.contains(to);
  }

  /** Cuts a node off. */
  public synchronized void separate(int node) {
    separated.add(node);
  }

  /** Connects all nodes again; no listener is told. */
  public synchronized void rejoin() {
    separated.clear();
  }

  /** Connects all nodes again and tells all listeners. */
  public void heal() {
    rejoin();
    subscriptions.forEach(subscription -> deliverer.execute(subscription.listener::resumed));
  }

  /** Waits until every message published so far was delivered. */
  public void deliverAll() throws Exception {
    deliverer.submit(() -> {}).get();
  }

  @Override
  public void close() {
    deliverer.close();
  }
}
