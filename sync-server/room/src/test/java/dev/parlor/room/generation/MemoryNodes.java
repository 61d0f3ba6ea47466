package dev.parlor.room.generation;

import dev.parlor.relay.cluster.HeartbeatRule;
import dev.parlor.relay.cluster.LiveNodes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Nodes in one process that publish heartbeats in memory. Safe from any thread. */
final class MemoryNodes {

  /** The last heartbeat of each node. */
  private final Map<String, Long> beats = new HashMap<>();

  private final CopyOnWriteArrayList<Member> members = new CopyOnWriteArrayList<>();

  /** One node, with its own clock. It beats and judges only when {@link #beat} is called. */
  final class Member implements LiveNodes {
    private final String self;
    private final LongSupplier clock;
    private final HeartbeatRule rule;
    private final CopyOnWriteArrayList<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean cut;

    private Member(String self, int leaseMillis, LongSupplier clock) {
      this.self = self;
      this.clock = clock;
      this.rule = new HeartbeatRule(self, leaseMillis, clock);
    }

    /** Cuts the node off: it publishes no heartbeats, and those of the others are lost. */
    void cut(boolean isCut) {
      cut = isCut;
    }

    /** Publishes a heartbeat and judges the other nodes, unless this node is cut off. */
    void beat() {
      if (cut) {
        return;
      }
      publish();
      rule.silent().forEach(this::judge);
    }

    private void publish() {
      long startedAt = clock.getAsLong();
      long number;
      synchronized (beats) {
        number = beats.merge(self, 1L, Long::sum);
      }
      rule.acknowledged(startedAt);
      members.forEach(member -> member.hear(self, number));
    }

    private void hear(String node, long number) {
      if (!cut) {
        var _ = rule.heard(node, number);
      }
    }

    private void readLastBeat(String node) {
      Long number;
      synchronized (beats) {
        number = beats.get(node);
      }
      if (number != null) {
        var _ = rule.heard(node, number);
      }
    }

    private void judge(String node) {
      readLastBeat(node);
      if (rule.judge(node)) {
        listeners.forEach(listener -> listener.accept(node));
      }
    }

    @Override
    public String self() {
      return self;
    }

    @Override
    public boolean isSelfAlive() {
      return rule.isSelfAlive();
    }

    @Override
    public long period() {
      return rule.period();
    }

    @Override
    public boolean isGone(String node) {
      return rule.isGone(node);
    }

    @Override
    public CompletableFuture<Boolean> confirmGone(String node) {
      if (cut) {
        return CompletableFuture.completedFuture(false);
      }
      readLastBeat(node);
      return CompletableFuture.completedFuture(rule.isGone(node));
    }

    @Override
    public Set<String> present() {
      return rule.present();
    }

    @Override
    public void onGone(Consumer<String> listener) {
      listeners.add(listener);
    }
  }

  /** A new node, which is alive and knows the heartbeats of the others. */
  Member member(String self, int leaseMillis, LongSupplier clock) {
    var member = new Member(self, leaseMillis, clock);
    members.add(member);
    synchronized (beats) {
      beats.forEach((node, number) -> member.rule.heard(node, number));
    }
    member.beat();
    return member;
  }
}
