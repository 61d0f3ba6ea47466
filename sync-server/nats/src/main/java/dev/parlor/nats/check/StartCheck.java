package dev.parlor.nats.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.store.ProbeEntry;
import dev.parlor.relay.config.ClusterConfig;
import dev.parlor.relay.config.ClusterConfig.Saved;
import io.nats.client.api.Replica;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a cluster at the start of a server, with one sentence that says what is wrong and how to
 * mend it: a version that is too old, missing streams, streams of another installation, a full
 * disk, or an acknowledgement before the flush although changes must be on disk. Blocks.
 */
public final class StartCheck {

  private static final Logger LOG = LoggerFactory.getLogger(StartCheck.class);

  private final ClusterClient client;
  private final ClusterStreams.Created cluster;
  private final ClusterConfig config;

  /** The names of the servers that keep the streams. */
  private final Set<String> keepers = new TreeSet<>();

  private StartCheck(ClusterClient client, ClusterStreams.Created cluster, ClusterConfig config) {
    this.client = client;
    this.cluster = cluster;
    this.config = config;
  }

  /**
   * Checks the cluster.
   *
   * @throws IOException with one sentence for the operator
   */
  public static void run(ClusterClient client, ClusterStreams.Created cluster, ClusterConfig config)
      throws IOException {
    var check = new StartCheck(client, cluster, config);
    check.version();
    check.streams();
    check.space();
    if (config.saved() == Saved.DISK) {
      check.flushes();
    }
  }

  private void version() throws IOException {
    var server = client.connection().getServerInfo();
    if (!ClusterCheck.isNewEnough(server.getVersion())) {
      throw new IOException(
          "the server "
              + server.getServerName()
              + " of the cluster has version "
              + server.getVersion()
              + "; nats-server 2.12 or newer is needed");
    }
  }

  private void streams() throws IOException {
    for (var name : ClusterStreams.names(client, cluster)) {
      var found =
          ClusterStreams.info(client, name)
              .orElseThrow(
                  () ->
                      new IOException(
                          "the stream "
                              + name
                              + " is missing in the cluster; create it with ./parlor cluster init,"
                              + " or restore the servers' files if it had content"));
      var storage = ClusterStreams.storageId(found);
      if (storage.isPresent() && !storage.get().equals(cluster.storageId())) {
        throw new IOException(
            "the stream "
                + name
                + " belongs to another installation of Parlor (storage id "
                + storage.get()
                + " instead of "
                + cluster.storageId()
                + "); choose another prefix with --cluster-prefix, or delete the streams of the"
                + " other installation");
      }
      addKeepers(found);
    }
  }

  private void addKeepers(StreamInfo stream) {
    var replicated = stream.getClusterInfo();
    var leader = replicated == null ? null : replicated.getLeader();
    keepers.add(leader == null ? client.connection().getServerInfo().getServerName() : leader);
    if (replicated != null && replicated.getReplicas() != null) {
      replicated.getReplicas().stream().map(Replica::getName).forEach(keepers::add);
    }
  }

  /** Stores an empty entry in each log, which tells whether the cluster takes writes. */
  private void space() throws IOException {
    for (var shard = 0; shard < cluster.shards(); shard++) {
      var subject = ProbeEntry.subject(client.settings().names(), shard, cluster.shards());
      try {
        var _ = client.publish(subject, ProbeEntry.message());
      } catch (ClusterException e) {
        throw e.kind() == Kind.REFUSED
            ? new IOException(
                "the cluster does not take writes ("
                    + e.getMessage()
                    + "); free space on its servers or raise the limits of its account",
                e)
            : new IOException(
                "the cluster does not answer writes ("
                    + e.getMessage()
                    + "); wait until a majority of its servers runs",
                e);
      }
    }
  }

  private void flushes() throws IOException {
    if (config.monitors().isEmpty()) {
      throw new IOException(
          "nothing proves that the cluster flushes changes before it acknowledges them; name the"
              + " monitoring ports of all its servers with --cluster-monitor, or set"
              + " PARLOR_SAVED=quorum if a power failure may lose changes");
    }
    var proved = new HashSet<String>();
    var silent = new ArrayList<URI>();
    for (var monitor : config.monitors()) {
      JsonNode variables;
      try {
        variables = ClusterCheck.variables(monitor);
      } catch (IOException e) {
        LOG.warn("the monitoring port {} does not answer: {}", monitor, e.getMessage());
        silent.add(monitor);
        continue;
      }
      if (!variables.path("jetstream").path("config").path("sync_always").asBoolean()) {
        throw new IOException(
            "the server at "
                + monitor
                + " acknowledges changes before it flushes them; set sync_interval: always in its"
                + " jetstream block, or set PARLOR_SAVED=quorum if a power failure may lose"
                + " changes");
      }
      proved.add(variables.path("server_name").asText());
    }
    // A node must be able to start while one of three servers is down.
    if (2 * silent.size() >= config.monitors().size()) {
      throw new IOException(
          "the monitoring port "
              + silent.getFirst()
              + " does not answer, so nothing proves that its server flushes changes; correct"
              + " --cluster-monitor, start the server, or set PARLOR_SAVED=quorum");
    }
    keepers.removeAll(proved);
    if (keepers.size() > silent.size()) {
      throw new IOException(
          "nothing proves that the servers "
              + String.join(", ", keepers)
              + " flush changes before they acknowledge them; name their monitoring ports too with"
              + " --cluster-monitor, or set PARLOR_SAVED=quorum if a power failure may lose"
              + " changes");
    }
  }
}
