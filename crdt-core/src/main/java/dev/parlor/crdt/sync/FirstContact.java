package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.SyncMessage.Have;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Computes the changes of our log that a peer lacks, from the peer's first message. No other class
 * of this package walks the whole history.
 */
final class FirstContact {

  private final int[] lackingPositions;
  private final boolean isDoubtful;

  private FirstContact(int[] lackingPositions, boolean isDoubtful) {
    this.lackingPositions = lackingPositions;
    this.isDoubtful = isDoubtful;
  }

  /** Computes the exact changes for a peer whose heads are all in our log. */
  static FirstContact byHeads(ChangeGraph graph, List<ChangeHash> heads) {
    return new FirstContact(graph.since(heads), false);
  }

  /**
   * Estimates the changes by the filters of a peer that has changes which we lack. If the peer
   * lacks a change, it also lacks the changes that depend on it.
   *
   * @param frontier the result of {@link #frontier}
   */
  static FirstContact byFilters(ChangeGraph graph, List<ChangeHash> frontier, List<Have> haves) {
    var candidates = graph.since(frontier);
    var lackingSet = new PositionSet(candidates.length == 0 ? graph.size() : candidates[0]);
    var lackingPositions = new int[candidates.length];
    var count = 0;
    for (var position : candidates) {
      if (!mayHave(graph.hashAt(position), haves) || graph.dependsOnAny(position, lackingSet)) {
        lackingSet.add(position);
        lackingPositions[count++] = position;
      }
    }
    return new FirstContact(Arrays.copyOf(lackingPositions, count), count < candidates.length);
  }

  /** Hashes of changes that the peer has for certain: its heads and last syncs. */
  static List<ChangeHash> frontier(SyncMessage message) {
    var frontier = new ArrayList<>(message.heads());
    for (var have : message.have()) {
      frontier.addAll(have.lastSync());
    }
    return List.copyOf(frontier);
  }

  /** The positions that the peer lacks, ascending; read-only. */
  int[] lackingPositions() {
    return lackingPositions;
  }

  /** Whether a false positive of the filters may hide that the peer lacks a change. */
  boolean isDoubtful() {
    return isDoubtful;
  }

  private static boolean mayHave(ChangeHash hash, List<Have> haves) {
    for (var have : haves) {
      if (have.filter().contains(hash)) {
        return true;
      }
    }
    return false;
  }
}
