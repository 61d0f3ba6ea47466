package dev.parlor.nats.proof;

import dev.parlor.nats.NatsServer;
import dev.parlor.nats.NatsServer.Machine;
import java.io.IOException;
import java.util.List;

/** The network between the servers of NATS and the nodes of a cluster, which a test can cut. */
public interface Network extends AutoCloseable {

  /** The machine of each server of NATS. */
  List<Machine> serverMachines(int count) throws IOException;

  /** The machine of each node. */
  List<Machine> nodeMachines(int count) throws IOException;

  /** The addresses of the servers as this node reaches them, in the order of the servers. */
  List<String> servers(int node, List<NatsServer> servers) throws IOException;

  /** The address of this machine as the nodes reach it. */
  default String hostAddress() {
    return "127.0.0.1";
  }

  /** Cuts the line between a node and a server. */
  void cutLink(int node, int server) throws IOException;

  /** Cuts a node from all servers. */
  void cutNode(int node) throws IOException;

  /** Cuts a server from all nodes, and from the other servers if the network can do that. */
  void cutServer(int server) throws IOException;

  /** Mends all lines. */
  void heal() throws IOException;

  @Override
  void close() throws IOException;
}
