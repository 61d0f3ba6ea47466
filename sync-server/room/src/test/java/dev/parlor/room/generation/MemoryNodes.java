package dev.parlor.room.generation;

import dev.parlor.relay.cluster.LiveNodes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Nodes in one process that publish heartbeats in memory. Safe from any thread. */
final class MemoryNodes {

  /** The last heartbeat of each node. */
  private final Map<String, Long> beats = new HashMap<>();

  /** One node, with its own clock. It beats and judges only when {@link #beat} is called. */
  final class Member implements LiveNodes {
    private record Heard(long count, long at, boolean gone) {}

    private final String self;
    private final int leaseMillis;
    private final LongSupplier clock;
    private final Map<String, Heard> heard = new HashMap<>();
    private final CopyOnWriteArrayList<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private long aliveFrom;
    private long period = 1;
    private long periodFrom;
    private volatile boolean cut;

    private Member(String self, int leaseMillis, LongSupplier clock) {
      this.self = self;
      this.leaseMillis = leaseMillis;
      this.clock = clock;
      this.aliveFrom = clock.getAsLong();
      this.periodFrom = aliveFrom;
      beat();
    }

    void cut(boolean isCut) {
      cut = isCut;
    }

    /** Publishes a heartbeat and judges the other nodes, unless this node is cut off. */
    void beat() {
      var gone = new TreeSet<String>();
      synchronized (beats) {
        if (cut) {
          return;
        }
        var now = clock.getAsLong();
        if (now - aliveFrom >= leaseMillis) {
          period++;
          periodFrom = now;
        }
        aliveFrom = now;
        beats.merge(self, 1L, Long::sum);
        beats.forEach(
            (node, count) -> {
              var before = heard.get(node);
              if (before == null || before.count() != count) {
                heard.put(node, new Heard(count, now, false));
              } else if (!before.gone() && now - Math.max(before.at(), periodFrom) >= leaseMillis) {
                heard.put(node, new Heard(count, before.at(), true));
                gone.add(node);
              }
            });
      }
      gone.forEach(node -> listeners.forEach(listener -> listener.accept(node)));
    }

    @Override
    public String self() {
      return self;
    }

    @Override
    public boolean isSelfAlive() {
      synchronized (beats) {
        return clock.getAsLong() - aliveFrom < leaseMillis;
      }
    }

    @Override
    public long period() {
      synchronized (beats) {
        return period;
      }
    }

    @Override
    public boolean isGone(String node) {
      synchronized (beats) {
        if (node.equals(self)) {
          return false;
        }
        return heard.computeIfAbsent(node, _ -> new Heard(0, clock.getAsLong(), false)).gone();
      }
    }

    @Override
    public Set<String> present() {
      synchronized (beats) {
        var present = new TreeSet<String>();
        present.add(self);
        heard.forEach(
            (node, last) -> {
              if (!last.gone()) {
                present.add(node);
              }
            });
        return present;
      }
    }

    @Override
    public void onGone(Consumer<String> listener) {
      listeners.add(listener);
    }
  }

  /** A new node, which is alive. */
  Member member(String self, int leaseMillis, LongSupplier clock) {
    return new Member(self, leaseMillis, clock);
  }
}
