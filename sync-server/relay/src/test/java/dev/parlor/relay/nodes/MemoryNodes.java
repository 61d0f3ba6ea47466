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
 * A bus between nodes of one process, for tests, as unreliable as the port allows. It delays,
 * reorders and duplicates frames at random. It loses frames between nodes that {@link #part}
 * separated, until {@link #heal}. It delivers on its executor; without an executor it delivers only
 * in {@link #deliver}. Safe from any thread.
 */
public final class MemoryNodes {

  /** How the bus treats frames. */
  public record Manners(boolean reorders, int duplicatesPercent) {
    public static final Manners GOOD = new Manners(false, 0);
    public static final Manners BAD = new Manners(true, 30);
  }

  private static final class MemoryChannel implements NodeBus.Channel {
    private final MemoryNodes nodes;
    private final int node;
    private final DocumentId document;
    private final NodeBus.Listener listener;

    private MemoryChannel(
        MemoryNodes nodes, int node, DocumentId document, NodeBus.Listener listener) {
      this.nodes = nodes;
      this.node = node;
      this.document = document;
      this.listener = listener;
    }

    @Override
    public void publish(Bytes frame) {
      nodes.publish(this, frame);
    }

    @Override
    public void close() {
      nodes.close(this);
    }
  }

  private record Delivery(MemoryChannel to, int from, Bytes frame) {}

  private final Manners manners;
  private final RandomGenerator random;
  private final Executor deliverer;
  private final Object lock = new Object();
  private final Map<DocumentId, List<MemoryChannel>> channels = new HashMap<>();
  private final List<Delivery> underWay = new ArrayList<>();

  /** The side of each separated node. */
  private final Map<Integer, Integer> sides = new HashMap<>();

  private final Set<Integer> dead = new HashSet<>();
  private long published;
  private long lost;
  private long lateOfTheDead;

  /** A bus that delivers only in {@link #deliver}. */
  public MemoryNodes(Manners manners, RandomGenerator random) {
    this(manners, random, _ -> {});
  }

  /** A bus that delivers on the executor, which must not run tasks on the calling thread. */
  public MemoryNodes(Manners manners, RandomGenerator random, Executor deliverer) {
    this.manners = manners;
    this.random = random;
    this.deliverer = deliverer;
  }

  /** The bus as this node sees it. */
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
   * Separates a node: it receives only from nodes on the same side. At first all nodes are on side
   * 0.
   */
  public void part(int node, int side) {
    synchronized (lock) {
      sides.put(node, side);
      var before = underWay.size();
      underWay.removeIf(delivery -> areParted(delivery.from, delivery.to.node));
      lost += before - underWay.size();
    }
  }

  /** Puts all nodes on one side again, and tells every channel. */
  public void heal() {
    List<MemoryChannel> all;
    synchronized (lock) {
      sides.clear();
      all = channels.values().stream().flatMap(List::stream).toList();
    }
    all.forEach(channel -> channel.listener.resumed());
  }

  /**
   * Ends a node's process: it neither sends nor receives. Frames that it sent before are still
   * delivered.
   */
  public void kill(int node) {
    synchronized (lock) {
      dead.add(node);
      channels.values().forEach(open -> open.removeIf(channel -> channel.node == node));
      channels.values().removeIf(List::isEmpty);
    }
  }

  /** Delivers one frame; false if none waits. */
  public boolean deliver() {
    Delivery next;
    synchronized (lock) {
      if (underWay.isEmpty()) {
        return false;
      }
      next = underWay.remove(manners.reorders ? random.nextInt(underWay.size()) : 0);
      if (random.nextInt(100) < manners.duplicatesPercent) {
        underWay.add(next);
        deliverer.execute(this::deliver);
      }
      if (!isOpen(next.to)) {
        return true;
      }
      if (dead.contains(next.from)) {
        lateOfTheDead++;
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

  /** The number of frames delivered after their sender had ended. */
  public long lateOfTheDead() {
    synchronized (lock) {
      return lateOfTheDead;
    }
  }

  /** The number of deliveries lost to a separation. */
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
        if (areParted(from.node, channel.node)) {
          lost++;
        } else {
          underWay.add(new Delivery(channel, from.node, frame));
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

  private boolean areParted(int one, int other) {
    return !sides.getOrDefault(one, 0).equals(sides.getOrDefault(other, 0));
  }
}
