package dev.parlor.crdt.identity;

/**
 * The name of a durable storage, automerge-repo's {@code storageId}. Changes below heads that are
 * announced for a storage are durable there.
 */
public record StorageId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
