package dev.parlor.crdt.identity;

/**
 * The name that an automerge-repo peer chooses for itself, unique per connection. It is never
 * trusted as an identity.
 */
public record PeerId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
