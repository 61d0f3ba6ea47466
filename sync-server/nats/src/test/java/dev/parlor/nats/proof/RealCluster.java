package dev.parlor.nats.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * A cluster of real processes on this machine: three servers of NATS, nodes of Parlor and a proxy
 * in front of them.
 */
public final class RealCluster implements AutoCloseable {

  public static final int SERVERS = 3;
  public static final int SHARDS = 4;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<AutoCloseable> parts = new ArrayList<>();
  private final Network network;
  private final List<NatsServer> servers;
  private final List<ParlorProcess> nodes = new ArrayList<>();
  private final BalancingProxy proxy;

  /**
   * Starts all processes, and waits until all nodes accept requests.
   *
   * @param settings the environment of each node by its number, besides that of the cluster
   * @param java the command line of the nodes before the main class
   */
  public RealCluster(
      Path folder,
      Network network,
      int nodeCount,
      IntFunction<Map<String, String>> settings,
      List<String> java)
      throws IOException, InterruptedException {
    this.network = network;
    parts.add(network);
    try {
      servers = NatsServer.startCluster(folder.resolve("nats"), network.serverMachines(SERVERS));
      parts.addAll(servers);
      servers.getFirst().init(SHARDS, SERVERS);
      var machines = network.nodeMachines(nodeCount);
      for (var node = 0; node < nodeCount; node++) {
        var environment = new HashMap<>(settings.apply(node));
        environment.put("PARLOR_SYNC_ACCESS", "open"); // also on addresses other than loopback
        environment.put("PARLOR_CLUSTER", String.join(",", network.servers(node, servers)));
        environment.put(
            "PARLOR_CLUSTER_MONITOR",
            servers.stream()
                .map(server -> server.monitor().toString())
                .collect(Collectors.joining(",")));
        nodes.add(
            new ParlorProcess(
                folder.resolve("node" + node), machines.get(node), environment, java));
      }
      parts.addAll(nodes);
      for (var node : nodes) {
        node.start();
      }
      proxy =
          BalancingProxy.start(
              folder.resolve("proxy"),
              nodes.stream().map(node -> node.host() + ":" + node.port()).toList());
      parts.add(proxy);
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  public Network network() {
    return network;
  }

  public List<NatsServer> servers() {
    return servers;
  }

  public List<ParlorProcess> nodes() {
    return List.copyOf(nodes);
  }

  /** The port of the proxy on the loopback address. */
  public int proxyPort() {
    return proxy.port();
  }

  /** The address of the proxy for clients that sync. */
  public String proxySocketUrl() {
    return "ws://127.0.0.1:" + proxy.port() + "/sync";
  }

  /** The addresses of the servers, without the network that can be cut. */
  public List<String> serverUrls() {
    return servers.stream().map(NatsServer::url).toList();
  }

  /** The server that leads a stream, by the word of the servers that answer. */
  public Optional<NatsServer> leader(String stream) {
    for (var server : servers) {
      try {
        var answer = JSON.readTree(server.monitor().resolve("/jsz?streams=true").toURL());
        var leader =
            details(answer)
                .filter(detail -> detail.path("name").asText().equals(stream))
                .map(detail -> detail.path("cluster").path("leader").asText())
                .filter(name -> !name.isEmpty())
                .findFirst();
        if (leader.isPresent()) {
          return servers.stream().filter(each -> each.name().equals(leader.get())).findFirst();
        }
      } catch (IOException _) {
        // the next server may answer
      }
    }
    return Optional.empty();
  }

  private static java.util.stream.Stream<JsonNode> details(JsonNode answer) {
    var found = new ArrayList<JsonNode>();
    answer
        .path("account_details")
        .forEach(account -> account.path("stream_detail").forEach(found::add));
    return found.stream();
  }

  /** The last lines of all nodes, for the message of a failed test. */
  public String output() {
    var text = new StringBuilder();
    for (var node = 0; node < nodes.size(); node++) {
      text.append("node ").append(node).append(":\n  ");
      text.append(String.join("\n  ", nodes.get(node).output())).append('\n');
    }
    return text.toString();
  }

  @Override
  public void close() {
    for (var part : parts.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        // Each of the other processes must end all the same.
        System.err.println("a part of the cluster did not end: " + e);
      }
    }
  }
}
