package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.config.FixedLimits;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The refused changes of one peer in one document, and their followers: the changes that depend on
 * them. None of these changes is requested or read again while the connection lasts. Belongs to the
 * document's worker.
 *
 * <p>The number of entries is bounded by {@link FixedLimits#REFUSED_HASHES_MAX}; the least recently
 * used entry is evicted. This does not affect an honest client: its next change depends on its
 * previous one, whose entry was used last. A change that was refused unread is recorded by its
 * checksum, the first four bytes of its hash.
 */
final class RefusedChanges {

  private static final class LruMap<T> extends LinkedHashMap<T, Boolean> {
    private static final long serialVersionUID = 1L;

    LruMap() {
      super(2, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<T, Boolean> eldest) {
      return size() > FixedLimits.REFUSED_HASHES_MAX / 2;
    }
  }

  private final LruMap<ChangeHash> hashes = new LruMap<>();
  private final LruMap<Integer> checksums = new LruMap<>();

  /** The number of refusals, without followers. */
  private int refusals;

  /**
   * Whether all changes were refused only for lack of space. Such changes may be admitted when the
   * peer sends them again.
   */
  private boolean onlyForLackOfSpace = true;

  /**
   * Records a refused change.
   *
   * @param forLackOfSpace whether it was refused only because too many changes wait
   */
  void add(ChangeHash hash, boolean forLackOfSpace) {
    refusals++;
    onlyForLackOfSpace &= forLackOfSpace;
    hashes.put(hash, true);
  }

  /** Records a change that was refused before its operations were read. */
  void addUnread(int checksum) {
    refusals++;
    onlyForLackOfSpace = false;
    checksums.put(checksum, true);
  }

  /** Records a change that depends on a recorded change. */
  void addFollower(ChangeHash hash) {
    hashes.put(hash, true);
  }

  /** Whether so many changes were refused that no further change of the peer is read. */
  boolean isFull() {
    return refusals > FixedLimits.REFUSED_CHANGES_MAX;
  }

  /** Whether all refused changes may be admitted when there is space again [SY7]. */
  boolean mayBeSentAgain() {
    return onlyForLackOfSpace;
  }

  /**
   * Whether the change was refused or depends on a refused change.
   *
   * @param hash the hash of a change that is not in the graph
   */
  boolean contains(ChangeHash hash) {
    return isFull() || hashes.get(hash) != null || checksums.get((int) (hash.a() >>> 32)) != null;
  }

  /** Whether to drop this change because it was refused before or depends on a refused change. */
  boolean blocks(ChangeChunk change, ChangeGraph graph) {
    if (graph.contains(change.hash())) {
      return false;
    }
    if (contains(change.hash())) {
      return true;
    }
    for (var dependency : change.deps()) {
      if (contains(dependency) && !graph.contains(dependency)) {
        return true;
      }
    }
    return false;
  }
}
