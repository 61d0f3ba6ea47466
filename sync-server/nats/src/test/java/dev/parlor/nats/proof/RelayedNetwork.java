package dev.parlor.nats.proof;

import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.NatsServer.Machine;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All processes on the loopback address, with a TCP relay between each node and each server. It
 * needs no rights. It cannot cut servers from each other, and a cut connection is closed, as by a
 * firewall that resets connections.
 */
public final class RelayedNetwork implements Network {

  private record Link(int node, int server) {}

  private final Map<Link, CuttableLine> lines = new ConcurrentHashMap<>();

  @Override
  public List<Machine> serverMachines(int count) {
    return Collections.nCopies(count, Machine.local());
  }

  @Override
  public List<Machine> nodeMachines(int count) {
    return Collections.nCopies(count, Machine.local());
  }

  @Override
  public List<String> servers(int node, List<NatsServer> servers) throws IOException {
    for (var server = 0; server < servers.size(); server++) {
      var link = new Link(node, server);
      if (!lines.containsKey(link)) {
        lines.put(link, new CuttableLine(servers.get(server).address()));
      }
    }
    return java.util.stream.IntStream.range(0, servers.size())
        .mapToObj(server -> line(node, server).url())
        .toList();
  }

  private CuttableLine line(int node, int server) {
    return java.util.Objects.requireNonNull(lines.get(new Link(node, server)));
  }

  @Override
  public void cutLink(int node, int server) throws IOException {
    line(node, server).cut();
  }

  @Override
  public void cutNode(int node) throws IOException {
    for (var link : lines.keySet()) {
      if (link.node() == node) {
        line(node, link.server()).cut();
      }
    }
  }

  @Override
  public void cutServer(int server) throws IOException {
    for (var link : lines.keySet()) {
      if (link.server() == server) {
        line(link.node(), server).cut();
      }
    }
  }

  @Override
  public void heal() {
    lines.values().forEach(CuttableLine::mend);
  }

  @Override
  public void close() throws IOException {
    for (var line : lines.values()) {
      line.close();
    }
  }
}
