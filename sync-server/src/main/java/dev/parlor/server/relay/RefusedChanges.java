package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.server.config.FixedLimits;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The changes of one peer in one document that were refused, and those that follow them: none of
 * these is asked for or read again while the connection lasts. Belongs to the room's writer.
 *
 * <p>Bounded by {@link FixedLimits#REFUSED_HASHES_MAX}. A client's next change follows its last
 * one, which is always kept, so forgetting the oldest costs an honest client nothing. A change that
 * was never read, since it is too large, is known by the first four bytes of its hash, which stand
 * in its chunk.
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

  /** Some were refused only for want of room, and may enter when the peer sends them again. */
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

  /** A change follows one that is here. */
  void addFollower(ChangeHash hash) {
    hashes.put(hash, true);
  }

  /** Too many were refused: nothing more of the peer is read in this document. */
  boolean isFull() {
    return roots > FixedLimits.REFUSED_CHANGES_MAX;
  }

  /** Whether all of them may enter when there is room again [SY7]. */
  boolean mayBeSentAgain() {
    return fullOnly;
  }

  /** Whether this change, which is not in the graph, was refused or follows a refused one. */
  boolean contains(ChangeHash hash) {
    return isFull() || hashes.get(hash) != null || checksums.get((int) (hash.a() >>> 32)) != null;
  }

  /** Whether the change was refused before, or depends on a change that was. */
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
