package dev.parlor.nats.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Checks whether a cluster keeps what Parlor promises: versions, replicas, flushes before the
 * acknowledgement, and the time of an acknowledgement. Blocks.
 */
public final class ClusterCheck {

  /** What was found: each fault is one sentence that says what to do. */
  public record Report(List<String> findings, List<String> faults) {}

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\..*");
  private static final int PROBES = 20;

  /** Milliseconds of the median acknowledgement; above: a fault. */
  private static final long ACKNOWLEDGEMENT_MILLIS_MAX = 100;

  private final ClusterSettings settings;
  private final List<URI> monitors;
  private final int replicas;
  private final List<String> findings = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private ClusterCheck(ClusterSettings settings, List<URI> monitors, int replicas) {
    this.settings = settings;
    this.monitors = monitors;
    this.replicas = replicas;
  }

  /**
   * Checks a cluster.
   *
   * @param monitors the URLs of the servers' monitoring ports; without any, flushes are not checked
   * @param replicas the number of servers that should store each message
   */
  public static Report run(ClusterSettings settings, List<URI> monitors, int replicas) {
    var check = new ClusterCheck(settings, monitors, replicas);
    check.servers();
    check.streams();
    return new Report(List.copyOf(check.findings), List.copyOf(check.faults));
  }

  private void servers() {
    if (monitors.isEmpty()) {
      findings.add(
          "not checked: flushes before the acknowledgement; give --monitor http://host:8222");
    }
    for (var monitor : monitors) {
      try {
        server(monitor, variables(monitor));
      } catch (IOException e) {
        faults.add(
            "the monitoring port "
                + monitor
                + " does not answer ("
                + e.getMessage()
                + "); correct --monitor or start the server");
      }
    }
  }

  private void server(URI monitor, JsonNode variables) {
    var version = variables.path("version").asText("");
    checkVersion(monitor.toString(), version);
    var store = variables.path("jetstream").path("config");
    if (store.isMissingNode()) {
      faults.add(monitor + " has no JetStream; switch it on in the server's configuration");
    } else if (!store.path("sync_always").asBoolean()) {
      faults.add(
          monitor
              + " acknowledges before it flushes to the disk; set sync_interval: always in its"
              + " jetstream block");
    } else {
      findings.add(monitor + ": version " + version + ", flushes before each acknowledgement");
    }
  }

  private void checkVersion(String server, String version) {
    if (!isNewEnough(version)) {
      faults.add(server + " has version " + version + "; nats-server 2.12 or newer is needed");
    }
  }

  /** Whether the version is at least 2.12. */
  public static boolean isNewEnough(String version) {
    var parts = VERSION.matcher(version);
    if (!parts.matches()) {
      return false;
    }
    var major = Integer.parseInt(parts.group(1));
    return major > 2 || (major == 2 && Integer.parseInt(parts.group(2)) >= 12);
  }

  /** What a server tells at its monitoring port. */
  static JsonNode variables(URI monitor) throws IOException {
    try (var http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      var request =
          HttpRequest.newBuilder(monitor.resolve("/varz")).timeout(Duration.ofSeconds(5)).build();
      var answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      return new ObjectMapper().readTree(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void streams() {
    try (var client = new ClusterClient(settings)) {
      var server = client.connection().getServerInfo();
      checkVersion(server.getServerName(), server.getVersion());
      var cluster = ClusterStreams.find(client);
      if (cluster.isEmpty()) {
        faults.add(
            "the cluster has no streams of Parlor with the prefix "
                + settings.names().streams()
                + "; create them with ./parlor cluster init");
        return;
      }
      for (var stream : ClusterStreams.names(client, cluster.get())) {
        stream(client, stream);
      }
      findings.add(
          cluster.get().shards() + " shards with " + cluster.get().replicas() + " replicas");
      if (faults.isEmpty()) {
        acknowledgement(client);
      }
    } catch (IOException e) {
      faults.add(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private void stream(ClusterClient client, String name) throws IOException {
    var found = ClusterStreams.info(client, name);
    if (found.isEmpty()) {
      faults.add("the stream " + name + " is missing; create it with ./parlor cluster init");
      return;
    }
    var stored = found.get().getConfiguration().getReplicas();
    if (stored < replicas) {
      faults.add(
          "the stream "
              + name
              + " has "
              + stored
              + " of "
              + replicas
              + " replicas; set them with nats stream edit, or give --replicas "
              + stored
              + " if the loss of a server may lose data");
    }
    var cluster = found.get().getClusterInfo();
    var others = cluster == null ? null : cluster.getReplicas();
    if (others != null) {
      for (var replica : others) {
        if (!replica.isCurrent() || replica.isOffline()) {
          faults.add(
              "the replica of "
                  + name
                  + " on "
                  + replica.getName()
                  + " is away or behind; start that server or wait until it has caught up");
        }
      }
    }
  }

  private void acknowledgement(ClusterClient client) throws IOException {
    var subject = settings.names().unreadable(DocumentId.of(Bytes.utf8("a probe")));
    var micros = new long[PROBES];
    for (var i = 0; i < PROBES; i++) {
      var start = System.nanoTime();
      var _ = client.publish(subject, new byte[200]);
      micros[i] = (System.nanoTime() - start) / 1_000;
    }
    Arrays.sort(micros);
    var median = micros[PROBES / 2];
    findings.add(
        "an acknowledgement takes %.1f ms (median of %d), at most %.1f ms"
            .formatted(median / 1_000.0, PROBES, micros[PROBES - 1] / 1_000.0));
    if (median > ACKNOWLEDGEMENT_MILLIS_MAX * 1_000) {
      faults.add(
          "an acknowledgement takes more than "
              + ACKNOWLEDGEMENT_MILLIS_MAX
              + " ms; use faster disks or servers that are nearer to each other");
    }
  }
}
