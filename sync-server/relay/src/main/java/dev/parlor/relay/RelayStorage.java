package dev.parlor.relay;

import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.cluster.ClusterFaultException;
import dev.parlor.relay.cluster.ClusterProvider;
import dev.parlor.relay.config.ClusterConfig;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.quarantine.Quarantine;
import dev.parlor.relay.storage.ServerStore;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * The open storage of a relay: a data directory, or a cluster. In a cluster the data directory has
 * only the list of the documents that native code is reading.
 *
 * @param store the documents and tables
 * @param disk the same store, if it is in the data directory
 * @param cluster the cluster that has the store; empty on one machine
 * @param quarantine the documents that are kept from native code
 * @param metrics the metrics of the whole process, to which the store already adds its own
 */
public record RelayStorage(
    ServerStore store,
    Optional<StoreOnDisk> disk,
    Optional<Cluster> cluster,
    Quarantine quarantine,
    Metrics metrics)
    implements AutoCloseable {

  /** The file in the data directory that lists the documents which native code is reading. */
  private static final String NATIVE_CALLS_FILE = "parlor.native";

  /**
   * Opens the data directory, or connects to the cluster.
   *
   * @throws IOException with one sentence for the operator
   */
  public static RelayStorage open(RelayConfig config, InstantSource clock) throws IOException {
    var metrics = new Metrics().watchRuntime();
    return config.cluster().isPresent()
        ? openCluster(config, config.cluster().get(), metrics, clock)
        : openDisk(config, metrics, clock);
  }

  private static RelayStorage openDisk(RelayConfig config, Metrics metrics, InstantSource clock)
      throws IOException {
    var store =
        StoreOnDisk.open(
            config.data(), config.shards(), config.limits().storage(), metrics, UUID::randomUUID);
    try {
      return new RelayStorage(
          store,
          Optional.of(store),
          Optional.empty(),
          quarantine(config, store, metrics, clock),
          metrics);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static RelayStorage openCluster(
      RelayConfig config, ClusterConfig settings, Metrics metrics, InstantSource clock)
      throws IOException {
    var provider =
        ClusterProvider.find()
            .orElseThrow(
                () ->
                    new IOException(
                        "this program lacks the module for clusters; start it with ./parlor, or"
                            + " leave out --cluster"));
    Files.createDirectories(config.data());
    Cluster cluster;
    try {
      cluster = provider.open(settings, config.limits().nodes().leaseMillis(), metrics);
    } catch (IOException e) {
      throw new ClusterFaultException(String.valueOf(e.getMessage()), e);
    }
    try {
      return new RelayStorage(
          cluster.store(),
          Optional.empty(),
          Optional.of(cluster),
          quarantine(config, cluster.store(), metrics, clock),
          metrics);
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static Quarantine quarantine(
      RelayConfig config, ServerStore store, Metrics metrics, InstantSource clock)
      throws IOException {
    var quarantine =
        Quarantine.open(config.data().resolve(NATIVE_CALLS_FILE), store.table("quarantine"), clock);
    metrics.watch(
        "parlor.documents.suspected",
        "Documents kept from native code because they may have crashed a process",
        quarantine::size);
    return quarantine;
  }

  /** The bus to the other nodes. */
  public NodeBus bus() {
    return cluster.map(Cluster::bus).orElseGet(NodeBus::singleNode);
  }

  @Override
  public void close() throws IOException {
    if (cluster.isPresent()) {
      cluster.get().close();
    } else {
      store.close();
    }
    quarantine.close();
  }
}
