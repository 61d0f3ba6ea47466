package dev.parlor.relay.cluster;

import dev.parlor.relay.config.ClusterConfig;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.util.Optional;
import java.util.ServiceLoader;

/** Opens clusters of one kind. {@link ServiceLoader} finds the implementation. */
public interface ClusterProvider {

  /** The implementation on the class path; empty if there is none. */
  static Optional<ClusterProvider> find() {
    return ServiceLoader.load(ClusterProvider.class).findFirst();
  }

  /**
   * Connects to a cluster; blocks.
   *
   * @param leaseMillis see {@link LiveNodes}
   * @throws IOException with one sentence for the operator: the cluster cannot be reached, was not
   *     created, or cannot keep what the configuration promises
   */
  Cluster open(ClusterConfig config, int leaseMillis, Metrics metrics) throws IOException;
}
