package dev.parlor.relay.cluster;

import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.ServerStore;
import java.io.IOException;
import java.util.Map;

/**
 * This node's part in a cluster. All nodes have the same store, and each has its own connection to
 * it. Safe from any thread.
 */
public interface Cluster extends AutoCloseable {

  /** The store that all nodes share. {@link #close} closes it. */
  ServerStore store();

  /** The bus that carries the messages of documents between the nodes. */
  NodeBus bus();

  /** The nodes that are alive, this one included. */
  LiveNodes nodes();

  /** Messages to all other nodes that belong to no document. */
  NodeMessages messages();

  /** Records that all nodes share for seconds or minutes. */
  BriefRecords brief();

  /** The conditions of the parts of the cluster by name, for {@code /health/ready}; from memory. */
  Map<String, Condition> conditions();

  /**
   * Stops the heartbeat, commits the queued writes and closes the connections. Other nodes see this
   * node leave at once.
   */
  @Override
  void close() throws IOException;
}
