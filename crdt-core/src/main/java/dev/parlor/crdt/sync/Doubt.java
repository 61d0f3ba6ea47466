package dev.parlor.crdt.sync;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a sync while a false positive of the peer's Bloom filter may hide that the peer
 * lacks a change.
 */
final class Doubt {

  private final List<ChangeHash> frontier;
  private final List<ChangeHash> heads;
  private @Nullable Bytes have;

  /**
   * @param frontier hashes of changes that the peer has for certain; the filter covers later
   *     changes
   * @param heads our heads when the doubt began
   */
  Doubt(List<ChangeHash> frontier, List<ChangeHash> heads) {
    this.frontier = frontier;
    this.heads = heads;
  }

  List<ChangeHash> heads() {
    return heads;
  }

  /** The summary of our changes with a filter. It is large, so it is encoded only once. */
  Bytes have(SyncEncoder encoder) {
    if (have == null) {
      have = encoder.haveFilter(frontier);
    }
    return have;
  }
}
