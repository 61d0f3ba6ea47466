package dev.parlor.relay.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The nodes of a cluster as a test says, for tests. */
public final class FakeLiveNodes implements LiveNodes {
  private final String self;
  private final Set<String> present = new TreeSet<>();
  private final Set<String> gone = new HashSet<>();
  private final List<Consumer<String>> listeners = new ArrayList<>();

  /**
   * @param others the other nodes that are alive
   */
  public FakeLiveNodes(String self, String... others) {
    this.self = self;
    present.add(self);
    present.addAll(List.of(others));
  }

  /** A node counts as gone from now on. */
  public void die(String node) {
    synchronized (this) {
      present.remove(node);
      gone.add(node);
    }
    listeners.forEach(listener -> listener.accept(node));
  }

  @Override
  public String self() {
    return self;
  }

  @Override
  public boolean isSelfAlive() {
    return true;
  }

  @Override
  public long period() {
    return 1;
  }

  @Override
  public synchronized boolean isGone(String node) {
    return gone.contains(node);
  }

  @Override
  public CompletableFuture<Boolean> confirmGone(String node) {
    return CompletableFuture.completedFuture(isGone(node));
  }

  @Override
  public synchronized Set<String> present() {
    return Set.copyOf(present);
  }

  @Override
  public void onGone(Consumer<String> listener) {
    listeners.add(listener);
  }
}
