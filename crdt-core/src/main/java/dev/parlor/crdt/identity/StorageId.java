package dev.parlor.crdt.identity;

/**
 * The name of a durable storage (automerge-repo's storageId): heads told under it are on its disk.
 */
public record StorageId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
