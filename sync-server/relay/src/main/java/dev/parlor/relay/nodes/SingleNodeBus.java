package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;

/** The bus of a server without other nodes: it delivers no frames. */
final class SingleNodeBus implements NodeBus {

  private static final Channel CHANNEL =
      new Channel() {
        @Override
        public void publish(Bytes frame) {}

        @Override
        public void close() {}
      };

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public Channel join(DocumentId document, Listener listener) {
    return CHANNEL;
  }
}
