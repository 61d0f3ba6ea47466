package dev.parlor.nats.proof;

import dev.parlor.nats.NatsServer;
import dev.parlor.nats.NatsServer.Machine;
import java.util.Collections;
import java.util.List;

/** All processes on the loopback address. Nothing can be cut, and nothing stands in between. */
public final class PlainNetwork implements Network {

  @Override
  public List<Machine> serverMachines(int count) {
    return Collections.nCopies(count, Machine.local());
  }

  @Override
  public List<Machine> nodeMachines(int count) {
    return Collections.nCopies(count, Machine.local());
  }

  @Override
  public List<String> servers(int node, List<NatsServer> servers) {
    return servers.stream().map(NatsServer::url).toList();
  }

  @Override
  public void cutLink(int node, int server) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void cutNode(int node) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void cutServer(int server) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void heal() {}

  @Override
  public void close() {}
}
