package dev.parlor.relay.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The cluster that a server belongs to.
 *
 * @param servers URLs of the cluster's servers, for example {@code nats://a:4222}
 * @param credentials a file with credentials, if the servers require them
 * @param prefix the first word of the cluster's streams and subjects; empty for the usual one
 * @param saved when a change counts as saved
 * @param monitors URLs of the monitoring ports of all servers; they prove {@link Saved#DISK}
 */
public record ClusterConfig(
    List<String> servers,
    Optional<Path> credentials,
    String prefix,
    Saved saved,
    List<URI> monitors) {

  public ClusterConfig {
    servers = List.copyOf(servers);
    monitors = List.copyOf(monitors);
  }

  /** When a client is told that its change is saved. */
  public enum Saved {
    /** A majority of the replicas has the change on disk. */
    DISK,
    /** A majority of the replicas has the change, perhaps only in memory. */
    QUORUM
  }
}
