package dev.parlor.nats;

import dev.parlor.nats.check.ClockCheck;
import dev.parlor.nats.check.LogProbe;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.nodes.Heartbeats;
import dev.parlor.nats.nodes.NatsMessages;
import dev.parlor.nats.nodes.NatsNodes;
import dev.parlor.nats.records.NatsBriefRecords;
import dev.parlor.nats.store.NatsChangeStore;
import dev.parlor.nats.store.StoreUpkeep;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.ServerStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.random.RandomGenerator;

/** This node's part in a cluster on NATS: the parts of this package, opened together. */
final class NatsCluster implements Cluster {

  private final NatsChangeStore store;
  private final StoreUpkeep upkeep;
  private final NatsNodes bus;
  private final Heartbeats heartbeats;
  private final NatsMessages messages;
  private final NatsBriefRecords brief;
  private final LogProbe probe;

  private NatsCluster(
      NatsChangeStore store,
      StoreUpkeep upkeep,
      NatsNodes bus,
      Heartbeats heartbeats,
      NatsMessages messages,
      NatsBriefRecords brief,
      LogProbe probe) {
    this.store = store;
    this.upkeep = upkeep;
    this.bus = bus;
    this.heartbeats = heartbeats;
    this.messages = messages;
    this.brief = brief;
    this.probe = probe;
  }

  /** As the other method, without a check of the cluster. */
  static NatsCluster open(ClusterSettings settings, int leaseMillis, RandomGenerator random)
      throws IOException {
    return open(settings, leaseMillis, random, new Metrics(), (_, _) -> {});
  }

  /** Connects; blocks. Whatever was opened is closed again if a part fails. */
  static NatsCluster open(
      ClusterSettings settings,
      int leaseMillis,
      RandomGenerator random,
      Metrics metrics,
      NatsChangeStore.Check check)
      throws IOException {
    var opened = new ArrayList<AutoCloseable>();
    try {
      var store = NatsChangeStore.open(settings, random, metrics, check);
      opened.add(store);
      var upkeep = StoreUpkeep.start(store, settings.limits().upkeep(), random, metrics);
      opened.add(upkeep);
      var bus = NatsNodes.connect(settings, random);
      opened.add(bus);
      var heartbeats = Heartbeats.start(settings, leaseMillis, random);
      opened.add(heartbeats);
      var messages = NatsMessages.connect(settings);
      opened.add(messages);
      watch(metrics, store, heartbeats);
      return new NatsCluster(
          store,
          upkeep,
          bus,
          heartbeats,
          messages,
          new NatsBriefRecords(store.client(), random),
          LogProbe.start(
              store.client(),
              store.shards(),
              ClockCheck.of(store.client(), InstantSource.system())));
    } catch (IOException | RuntimeException e) {
      for (var part : opened.reversed()) {
        try {
          part.close();
        } catch (Exception unclosed) {
          e.addSuppressed(unclosed);
        }
      }
      throw e;
    }
  }

  private static void watch(Metrics metrics, NatsChangeStore store, Heartbeats heartbeats) {
    metrics.watch(
        "parlor.cluster.nodes",
        "Nodes of the cluster that this node sees, itself included",
        () -> heartbeats.present().size());
    metrics.watch(
        "parlor.cluster.away",
        "1 while the cluster does not answer and nothing is saved",
        () -> store.client().state().isAway() ? 1 : 0);
    metrics.watch(
        "parlor.cluster.entries.damaged",
        "Stored entries that this process found damaged",
        () -> store.unreadableEntries().size());
    metrics.watchLong(
        "parlor.cluster.queue.bytes",
        "Bytes of changes and records that wait for the cluster",
        store::queuedBytes);
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
        bus.condition(),
        "clock",
        probe.clock(),
        "documents",
        store.documentsCondition());
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
    upkeep.close();
    probe.close();
    heartbeats.close();
    messages.close();
    bus.close();
    brief.close();
    store.close();
  }
}
