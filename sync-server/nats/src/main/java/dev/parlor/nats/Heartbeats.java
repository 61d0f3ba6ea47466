package dev.parlor.nats;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.cluster.LiveNodes;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The heartbeats of the nodes. */
final class Heartbeats implements LiveNodes, AutoCloseable {

  private final String self;

  private Heartbeats(String self) {
    this.self = self;
  }

  static Heartbeats start(ClusterClient client, int leaseMillis, RandomGenerator random) {
    var name = new byte[12];
    random.nextBytes(name);
    return new Heartbeats("node-" + Bytes.wrap(name).toHex());
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
  public boolean isGone(String node) {
    return false;
  }

  @Override
  public Set<String> present() {
    return Set.of(self);
  }

  @Override
  public void onGone(Consumer<String> listener) {}

  @Override
  public void close() {}
}
