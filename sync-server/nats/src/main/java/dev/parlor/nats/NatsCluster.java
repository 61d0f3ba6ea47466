package dev.parlor.nats;

import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.ServerStore;
import java.io.IOException;
import java.util.random.RandomGenerator;

/** This node's part in a cluster on NATS: the parts of this package, opened together. */
final class NatsCluster implements Cluster {

  private final NatsChangeStore store;
  private final NatsNodes bus;
  private final Heartbeats heartbeats;
  private final NatsMessages messages;
  private final NatsBriefRecords brief;

  private NatsCluster(
      NatsChangeStore store,
      NatsNodes bus,
      Heartbeats heartbeats,
      NatsMessages messages,
      NatsBriefRecords brief) {
    this.store = store;
    this.bus = bus;
    this.heartbeats = heartbeats;
    this.messages = messages;
    this.brief = brief;
  }

  /** Connects; blocks. Whatever was opened is closed again if a part fails. */
  static NatsCluster open(ClusterSettings settings, int leaseMillis, RandomGenerator random)
      throws IOException {
    var store = NatsChangeStore.open(settings, random);
    try {
      var bus = NatsNodes.connect(settings, random);
      try {
        return new NatsCluster(
            store,
            bus,
            Heartbeats.start(settings, leaseMillis, random),
            NatsMessages.connect(settings),
            new NatsBriefRecords(store.client()));
      } catch (IOException | RuntimeException e) {
        bus.close();
        throw e;
      }
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
    heartbeats.close();
    messages.close();
    bus.close();
    store.close();
  }
}
