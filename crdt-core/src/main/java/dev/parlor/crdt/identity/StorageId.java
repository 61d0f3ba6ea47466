package dev.parlor.crdt.identity;

/**
 * The name of a durable storage (automerge-repo's storageId): heads announced under it are durable
 * there.
 */
public record StorageId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
