package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.SyncMessage.Have;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Computes the changes of our log that a peer lacks, from the peer's first message. Only this class
 * may walk the whole history.
 */
final class FirstContact {

  private final int[] lacking;
  private final boolean doubtful;

  private FirstContact(int[] lacking, boolean doubtful) {
    this.lacking = lacking;
    this.doubtful = doubtful;
  }

  /** Exact: all the peer's heads are in our log. */
  static FirstContact byHeads(ChangeGraph graph, List<ChangeHash> heads) {
    return new FirstContact(graph.since(heads), false);
  }

  /**
   * Approximate, by the peer's filters, for a peer with changes that we lack. If the peer lacks a
   * change, it also lacks the changes that depend on it.
   *
   * @param frontier see {@link #frontier}
   */
  static FirstContact byFilters(ChangeGraph graph, List<ChangeHash> frontier, List<Have> haves) {
    var candidates = graph.since(frontier);
    var set = new PositionSet(candidates.length == 0 ? graph.size() : candidates[0]);
    var lacking = new int[candidates.length];
    var count = 0;
    for (var position : candidates) {
      if (!perhapsHas(graph.hashAt(position), haves) || graph.dependsOnAny(position, set)) {
        set.add(position);
        lacking[count++] = position;
      }
    }
    return new FirstContact(Arrays.copyOf(lacking, count), count < candidates.length);
  }

  /** The known hashes that the peer certainly has: its heads and last syncs. */
  static List<ChangeHash> frontier(SyncMessage message) {
    var frontier = new ArrayList<>(message.heads());
    for (var have : message.have()) {
      frontier.addAll(have.lastSync());
    }
    return List.copyOf(frontier);
  }

  /** The positions that the peer lacks, ascending; read-only. */
  int[] lacking() {
    return lacking;
  }

  /** Whether a false positive of the filters may have withheld changes that the peer lacks. */
  boolean doubtful() {
    return doubtful;
  }

  private static boolean perhapsHas(ChangeHash hash, List<Have> haves) {
    for (var have : haves) {
      if (have.filter().contains(hash)) {
        return true;
      }
    }
    return false;
  }
}
