package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;

/** No other nodes. */
final class Alone implements NodeBus {

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
