package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * A bus between nodes of one process, for tests. It can be as unreliable as {@link NodeBus} allows:
 * it delays, reorders and duplicates frames at random. It loses all frames between nodes that
 * {@link #separate} put on different sides, until {@link #heal}. It delivers frames on its
 * executor, or without an executor only in {@link #deliver}. Safe from any thread.
 */
public final class MemoryNodeBus {

  /** The reliability of the delivery. */
  public record Reliability(boolean reorders, int duplicatesPercent) {
    public static final Reliability RELIABLE = new Reliability(false, 0);
    public static final Reliability UNRELIABLE = new Reliability(true, 30);
  }

  private static final class MemoryChannel implements NodeBus.Channel {
    private final MemoryNodeBus bus;
    private final int node;
    private final DocumentId document;
    private final NodeBus.Listener listener;

    private MemoryChannel(
        MemoryNodeBus bus, int node, DocumentId document, NodeBus.Listener listener) {
      this.bus = bus;
      this.node = node;
      this.document = document;
      this.listener = listener;
    }

    @Override
    public void publish(Bytes frame) {
      bus.publish(this, frame);
    }

    @Override
    public void close() {
      bus.close(this);
    }
  }

  private record Delivery(MemoryChannel to, int from, Bytes frame) {}

  private final Reliability reliability;
  private final RandomGenerator random;
  private final Executor deliverer;
  private final Object lock = new Object();
  private final Map<DocumentId, List<MemoryChannel>> channels = new HashMap<>();
  private final List<Delivery> inFlight = new ArrayList<>();

  /** The side of the partition of each separated node; other nodes are on side 0. */
  private final Map<Integer, Integer> sides = new HashMap<>();

  private final Set<Integer> crashed = new HashSet<>();
  private long published;
  private long lost;
  private long deliveredAfterCrash;

  /** A bus that delivers only in {@link #deliver}. */
  public MemoryNodeBus(Reliability reliability, RandomGenerator random) {
    this(reliability, random, _ -> {});
  }

  /** A bus that delivers on the executor, which must not run tasks on the calling thread. */
  public MemoryNodeBus(Reliability reliability, RandomGenerator random, Executor deliverer) {
    this.reliability = reliability;
    this.random = random;
    this.deliverer = deliverer;
  }

  /** The bus for this node. */
  public NodeBus node(int node) {
    return (document, listener) -> {
      var channel = new MemoryChannel(this, node, document, listener);
      synchronized (lock) {
        channels.computeIfAbsent(document, _ -> new ArrayList<>()).add(channel);
      }
      return channel;
    };
  }

  /**
   * Puts a node on a side of a network partition. It then exchanges frames only with nodes on the
   * same side. At first all nodes are on side 0.
   */
  public void separate(int node, int side) {
    synchronized (lock) {
      sides.put(node, side);
      var before = inFlight.size();
      inFlight.removeIf(delivery -> areSeparated(delivery.from, delivery.to.node));
      lost += before - inFlight.size();
    }
  }

  /** Puts all nodes on the same side again, and calls {@code resumed} on every listener. */
  public void heal() {
    List<MemoryChannel> all;
    synchronized (lock) {
      sides.clear();
      all = channels.values().stream().flatMap(List::stream).toList();
    }
    all.forEach(channel -> channel.listener.resumed());
  }

  /**
   * Simulates a crash of a node's process, which then neither sends nor receives. Frames that it
   * sent before are still delivered.
   */
  public void crash(int node) {
    synchronized (lock) {
      crashed.add(node);
      channels.values().forEach(open -> open.removeIf(channel -> channel.node == node));
      channels.values().removeIf(List::isEmpty);
    }
  }

  /** Delivers one frame; false if none waits. */
  public boolean deliver() {
    Delivery next;
    synchronized (lock) {
      if (inFlight.isEmpty()) {
        return false;
      }
      next = inFlight.remove(reliability.reorders ? random.nextInt(inFlight.size()) : 0);
      if (random.nextInt(100) < reliability.duplicatesPercent) {
        inFlight.add(next);
        deliverer.execute(this::deliver);
      }
      if (!isOpen(next.to)) {
        return true;
      }
      if (crashed.contains(next.from)) {
        deliveredAfterCrash++;
      }
    }
    next.to.listener.received(next.frame);
    return true;
  }

  /** The number of published frames. */
  public long published() {
    synchronized (lock) {
      return published;
    }
  }

  /** The number of frames that were delivered after a crash of their sender. */
  public long deliveredAfterCrash() {
    synchronized (lock) {
      return deliveredAfterCrash;
    }
  }

  /** The number of deliveries that were lost in a partition. */
  public long lost() {
    synchronized (lock) {
      return lost;
    }
  }

  private void publish(MemoryChannel from, Bytes frame) {
    synchronized (lock) {
      if (!isOpen(from)) {
        return;
      }
      published++;
      for (var channel : channels.getOrDefault(from.document, List.of())) {
        if (channel == from) {
          continue;
        }
        if (areSeparated(from.node, channel.node)) {
          lost++;
        } else {
          inFlight.add(new Delivery(channel, from.node, frame));
          deliverer.execute(this::deliver);
        }
      }
    }
  }

  private void close(MemoryChannel channel) {
    synchronized (lock) {
      channels.computeIfPresent(
          channel.document,
          (_, open) -> {
            open.remove(channel);
            return open.isEmpty() ? null : open;
          });
    }
  }

  private boolean isOpen(MemoryChannel channel) {
    return channels.getOrDefault(channel.document, List.of()).contains(channel);
  }

  private boolean areSeparated(int one, int other) {
    return !sides.getOrDefault(one, 0).equals(sides.getOrDefault(other, 0));
  }
}
