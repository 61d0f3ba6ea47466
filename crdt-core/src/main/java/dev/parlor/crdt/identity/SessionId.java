package dev.parlor.crdt.identity;

/**
 * The id of a peer's session. The counts of a peer's ephemeral messages grow within one session.
 */
public record SessionId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
