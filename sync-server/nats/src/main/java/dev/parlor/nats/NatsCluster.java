package dev.parlor.nats;

import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.ServerStore;
import java.io.IOException;
import java.util.Map;
import java.util.random.RandomGenerator;

/** This node's part in a cluster on NATS: the parts of this package, opened together. */
final class NatsCluster implements Cluster {

  private final NatsChangeStore store;
  private final NatsNodes bus;
  private final Heartbeats heartbeats;
  private final NatsMessages messages;
  private final NatsBriefRecords brief;
  private final LogProbe probe;

  private NatsCluster(
      NatsChangeStore store,
      NatsNodes bus,
      Heartbeats heartbeats,
      NatsMessages messages,
      NatsBriefRecords brief,
      LogProbe probe) {
    this.store = store;
    this.bus = bus;
    this.heartbeats = heartbeats;
    this.messages = messages;
    this.brief = brief;
    this.probe = probe;
  }

  /** Connects; blocks. Whatever was opened is closed again if a part fails. */
  static NatsCluster open(ClusterSettings settings, int leaseMillis, RandomGenerator random)
      throws IOException {
    var store = NatsChangeStore.open(settings, random);
    try {
      var bus = NatsNodes.connect(settings, random);
      return new NatsCluster(
          store,
          bus,
          Heartbeats.start(store.client(), leaseMillis, random),
          new NatsMessages(store.client()),
          new NatsBriefRecords(store.client()),
          LogProbe.start(store.client(), store.shards()));
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public ServerStore store() {
    return store;
  }

  @Override
  public NodeBus bus() {
    return bus;
  }

  @Override
  public Map<String, Condition> conditions() {
    return Map.of(
        "log",
        store.client().state().condition(),
        "bus",
        bus.isConnected()
            ? Condition.ok("connected")
            : Condition.failing("the bus between the nodes is not connected"));
  }

  @Override
  public LiveNodes nodes() {
    return heartbeats;
  }

  @Override
  public NodeMessages messages() {
    return messages;
  }

  @Override
  public BriefRecords brief() {
    return brief;
  }

  @Override
  public void close() throws IOException {
    probe.close();
    heartbeats.close();
    bus.close();
    store.close();
  }
}
