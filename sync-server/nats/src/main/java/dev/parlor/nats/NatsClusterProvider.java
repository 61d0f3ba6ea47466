package dev.parlor.nats;

import dev.parlor.nats.check.StartCheck;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.cluster.ClusterProvider;
import dev.parlor.relay.config.ClusterConfig;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.security.SecureRandom;

/** Opens a cluster on NATS. The service loader makes it. */
public final class NatsClusterProvider implements ClusterProvider {

  @Override
  public Cluster open(ClusterConfig config, int leaseMillis, Metrics metrics) throws IOException {
    var names =
        config.prefix().isEmpty() ? ClusterNames.DEFAULT : ClusterNames.ofPrefix(config.prefix());
    var settings =
        new ClusterSettings(config.servers(), config.credentials(), names, ClusterLimits.DEFAULT);
    return NatsCluster.open(
        settings,
        leaseMillis,
        new SecureRandom(),
        metrics,
        (client, created) -> StartCheck.run(client, created, config));
  }
}
