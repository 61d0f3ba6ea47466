package dev.parlor.nats;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.cluster.NodeMessages;

/** Messages between nodes on subjects without persistence. */
final class NatsMessages implements NodeMessages {

  NatsMessages(ClusterClient client) {}

  @Override
  public void publish(String topic, Bytes message) {}

  @Override
  public void subscribe(String topic, Listener listener) {}
}
