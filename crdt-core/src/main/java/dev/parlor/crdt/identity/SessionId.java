package dev.parlor.crdt.identity;

/**
 * The session of a repo that an ephemeral message belongs to: its counts grow within one session.
 */
public record SessionId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
