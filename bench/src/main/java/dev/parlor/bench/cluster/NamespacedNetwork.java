package dev.parlor.bench.cluster;

import dev.parlor.nats.NatsServer;
import dev.parlor.nats.NatsServer.Machine;
import dev.parlor.nats.proof.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Each server and each node in a network namespace of its own, all connected by a bridge. A cut
 * loses packets in both directions and closes no connection, as a broken line does. A cut node is
 * cut from its clients too. It needs the rights of root and the command {@code ip}.
 */
final class NamespacedNetwork implements Network {

  private static final int COMMAND_SECONDS_MAX = 20;

  /** Addresses of servers end with 10 and more, those of nodes with 100 and more. */
  private static final int FIRST_SERVER = 10;

  private static final int FIRST_NODE = 100;

  private record Link(int node, int server) {}

  private final String prefix;
  private final int subnet;
  private final List<String> namespaces = new ArrayList<>();
  private final Set<Link> cutLinks = new HashSet<>();
  private final Set<String> cutMachines = new HashSet<>();

  /**
   * Creates the bridge.
   *
   * @param number distinguishes this network from others on the same machine, from 0 to 255
   */
  NamespacedNetwork(int number) throws IOException {
    this.prefix = "plf" + number;
    this.subnet = number;
    ip("link", "add", prefix + "br", "type", "bridge");
    ip("addr", "add", address(1) + "/24", "dev", prefix + "br");
    ip("link", "set", prefix + "br", "up");
  }

  /** Whether this process may create namespaces. */
  static boolean isPossible() {
    try {
      if (!System.getProperty("user.name").equals("root")) {
        return false;
      }
      ip("netns", "add", "plftest");
      ip("netns", "delete", "plftest");
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private String address(int last) {
    return "10.213." + subnet + "." + last;
  }

  private static String serverName(String prefix, int server) {
    return prefix + "s" + server;
  }

  private static String nodeName(String prefix, int node) {
    return prefix + "n" + node;
  }

  @Override
  public List<Machine> serverMachines(int count) throws IOException {
    var machines = new ArrayList<Machine>();
    for (var server = 0; server < count; server++) {
      machines.add(machine(serverName(prefix, server), FIRST_SERVER + server));
    }
    return machines;
  }

  @Override
  public List<Machine> nodeMachines(int count) throws IOException {
    var machines = new ArrayList<Machine>();
    for (var node = 0; node < count; node++) {
      machines.add(machine(nodeName(prefix, node), FIRST_NODE + node));
    }
    return machines;
  }

  private Machine machine(String name, int last) throws IOException {
    ip("netns", "add", name);
    namespaces.add(name);
    ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("link", "set", name, "master", prefix + "br");
    ip("link", "set", name, "up");
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "addr", "add", address(last) + "/24", "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    return new Machine(List.of("ip", "netns", "exec", name), address(last));
  }

  @Override
  public List<String> servers(int node, List<NatsServer> servers) {
    return servers.stream().map(NatsServer::url).toList();
  }

  @Override
  public String hostAddress() {
    return address(1);
  }

  @Override
  public void cutLink(int node, int server) throws IOException {
    if (cutLinks.add(new Link(node, server))) {
      blackholes("add", node, server);
    }
  }

  private void blackholes(String verb, int node, int server) throws IOException {
    ip("-n", nodeName(prefix, node), "route", verb, "blackhole", address(FIRST_SERVER + server));
    ip("-n", serverName(prefix, server), "route", verb, "blackhole", address(FIRST_NODE + node));
  }

  @Override
  public void cutNode(int node) throws IOException {
    cut(nodeName(prefix, node));
  }

  @Override
  public void cutServer(int server) throws IOException {
    cut(serverName(prefix, server));
  }

  private void cut(String machine) throws IOException {
    ip("link", "set", machine, "down");
    cutMachines.add(machine);
  }

  @Override
  public void heal() throws IOException {
    for (var link : cutLinks) {
      blackholes("delete", link.node(), link.server());
    }
    cutLinks.clear();
    for (var machine : cutMachines) {
      ip("link", "set", machine, "up");
    }
    cutMachines.clear();
  }

  private static void ip(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      var output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + String.join(" ", command), e);
    } finally {
      process.destroyForcibly();
    }
  }

  @Override
  public void close() throws IOException {
    for (var name : namespaces) {
      ip("link", "delete", name);
      ip("netns", "delete", name);
    }
    namespaces.clear();
    ip("link", "delete", prefix + "br");
  }
}
