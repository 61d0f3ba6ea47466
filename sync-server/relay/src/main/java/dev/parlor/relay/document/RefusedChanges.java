package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.config.FixedLimits;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The changes of one peer in one document that were refused, and the changes that follow them. None
 * of them is requested or read again while the connection lasts. Belongs to the document's worker.
 *
 * <p>Bounded by {@link FixedLimits#REFUSED_HASHES_MAX}. A client's next change follows its last
 * one, which is always kept, so evicting the oldest entry does not affect an honest client. A
 * change that was too large to be read is known by the first four bytes of its hash, which its
 * chunk contains.
 */
final class RefusedChanges {

  private static final class Recent<T> extends LinkedHashMap<T, Boolean> {
    private static final long serialVersionUID = 1L;

    Recent() {
      super(2, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<T, Boolean> eldest) {
      return size() > FixedLimits.REFUSED_HASHES_MAX / 2;
    }
  }

  private final Recent<ChangeHash> hashes = new Recent<>();
  private final Recent<Integer> checksums = new Recent<>();
  private int roots;

  /**
   * Whether all were refused only for lack of space; such changes are admitted when the peer sends
   * them again.
   */
  private boolean fullOnly = true;

  /** A change was refused. */
  void add(ChangeHash hash, boolean full) {
    roots++;
    fullOnly &= full;
    hashes.put(hash, true);
  }

  /** A change was refused before it was read. */
  void addUnread(int checksum) {
    roots++;
    fullOnly = false;
    checksums.put(checksum, true);
  }

  /** A change follows a change of this set. */
  void addFollower(ChangeHash hash) {
    hashes.put(hash, true);
  }

  /** Too many changes were refused: no more changes of the peer are read in this document. */
  boolean isFull() {
    return roots > FixedLimits.REFUSED_CHANGES_MAX;
  }

  /** Whether all of them may be admitted when there is space again [SY7]. */
  boolean mayBeSentAgain() {
    return fullOnly;
  }

  /** Whether this change, which is not in the graph, was refused or follows a refused change. */
  boolean contains(ChangeHash hash) {
    return isFull() || hashes.get(hash) != null || checksums.get((int) (hash.a() >>> 32)) != null;
  }

  /** Whether the change was refused before, or depends on a refused change. */
  boolean concerns(ChangeChunk change, ChangeGraph graph) {
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
