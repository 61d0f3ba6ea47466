package dev.parlor.bench.cluster;

import dev.parlor.nats.proof.RealCluster;
import java.io.IOException;

/** A fault of one node, one server or one line. It holds until it is healed. */
enum Fault {
  KILL_NODE("kill -9 of a node"),
  PAUSE_NODE("SIGSTOP of a node"),
  CUT_NODE("cut of a node"),
  KILL_SERVER("kill -9 of a server"),
  PAUSE_SERVER("SIGSTOP of a server"),
  CUT_SERVER("cut of a server"),
  CUT_LINK("cut of a line");

  private final String text;

  Fault(String text) {
    this.text = text;
  }

  /** What the fault is, for people. */
  String text() {
    return text;
  }

  boolean isOfNode() {
    return this == KILL_NODE || this == PAUSE_NODE || this == CUT_NODE;
  }

  /**
   * Makes the fault.
   *
   * @param node the number of a node, unless the fault concerns servers only
   * @param server the number of a server, unless the fault concerns nodes only
   */
  void begin(RealCluster cluster, int node, int server) throws IOException, InterruptedException {
    switch (this) {
      case KILL_NODE -> cluster.nodes().get(node).kill();
      case PAUSE_NODE -> cluster.nodes().get(node).pause();
      case CUT_NODE -> cluster.network().cutNode(node);
      case KILL_SERVER -> cluster.servers().get(server).kill();
      case PAUSE_SERVER -> cluster.servers().get(server).pause();
      case CUT_SERVER -> cluster.network().cutServer(server);
      case CUT_LINK -> cluster.network().cutLink(node, server);
    }
  }

  /** Ends the fault. Starts a node again if it ended by itself. */
  void heal(RealCluster cluster, int node, int server) throws IOException, InterruptedException {
    switch (this) {
      case KILL_NODE -> {
        var _ = cluster.nodes().get(node).start();
      }
      case PAUSE_NODE -> cluster.nodes().get(node).resume();
      case KILL_SERVER -> cluster.servers().get(server).restart();
      case PAUSE_SERVER -> cluster.servers().get(server).resume();
      case CUT_NODE, CUT_SERVER, CUT_LINK -> cluster.network().heal();
    }
  }
}
