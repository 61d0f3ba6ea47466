package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;

/** No other nodes. */
final class Alone implements NodeBus {

  private static final Line LINE =
      new Line() {
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
  public Line join(DocumentId document, Listener listener) {
    return LINE;
  }
}
