package dev.parlor.crdt.identity;

/**
 * The author of changes in Automerge's sense: opaque bytes, usually 16, one per writing session.
 */
public record ActorId(Bytes bytes) implements Comparable<ActorId> {

  @Override
  public int compareTo(ActorId other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toHex();
  }
}
