package dev.parlor.nats.client;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the cluster is and how its parts are named.
 *
 * @param servers the URLs of the servers, for example {@code nats://a:4222}
 * @param credentials a file with credentials, if the servers ask for them
 * @param names the names of streams and subjects
 * @param limits the limits of this package
 */
public record ClusterSettings(
    List<String> servers, Optional<Path> credentials, ClusterNames names, ClusterLimits limits) {
  public ClusterSettings {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("the cluster needs the URL of at least one server");
    }
  }

  /** Servers without credentials, with the usual names and limits. */
  public static ClusterSettings of(List<String> servers) {
    return new ClusterSettings(
        servers, Optional.empty(), ClusterNames.DEFAULT, ClusterLimits.DEFAULT);
  }
}
