package dev.parlor.crdt.identity;

/**
 * The name that a repo gives itself on the network; chosen by the peer, unique per connection,
 * never trusted as an identity.
 */
public record PeerId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
