package dev.parlor.client;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.BitSet;
import java.util.List;

/**
 * Which changes the server has, and which are on its disk. It counts the changes that this client
 * delivers: those that it made, and those that it knew when the connection began. About changes
 * that the server brought, heads promise nothing [DU1]. Used with the document's lock held.
 */
final class Acknowledgements {

  private final ChangeGraph graph;

  /** The positions of delivered changes that no server with durable heads has acknowledged. */
  private final BitSet unsaved = new BitSet();

  /** The positions of delivered changes that the current server does not have, as far as known. */
  private final BitSet undelivered = new BitSet();

  private boolean durableHeads;
  private boolean isRefused;

  Acknowledgements(ChangeGraph graph) {
    this.graph = graph;
    unsaved.set(0, graph.size());
    undelivered.set(0, graph.size());
  }

  /** A change of this client is at this position. */
  void added(int position) {
    unsaved.set(position);
    undelivered.set(position);
  }

  /** A connection begins. */
  void connected(boolean serverHasDurableHeads) {
    durableHeads = serverHasDurableHeads;
    isRefused = false;
    // A server that does not tell what is on its disk may have lost anything since.
    undelivered.clear();
    undelivered.or(unsaved);
  }

  /** The server refused a change. */
  void refused() {
    isRefused = true;
  }

  /** The server sent these heads on the current connection. */
  void received(List<ChangeHash> heads) {
    if (undelivered.isEmpty() && (unsaved.isEmpty() || !durableHeads)) {
      return;
    }
    var lacking = new BitSet();
    for (var position : graph.since(heads)) {
      lacking.set(position);
    }
    undelivered.and(lacking);
    if (durableHeads) {
      unsaved.and(lacking);
    }
  }

  SaveState state() {
    return stateBelow(graph.size());
  }

  /** The state of the changes below this position. */
  SaveState stateBelow(int position) {
    if (isNoneBelow(unsaved, position)) {
      return SaveState.SAVED;
    }
    if (isRefused) {
      return SaveState.REFUSED;
    }
    return !durableHeads && isNoneBelow(undelivered, position)
        ? SaveState.UNKNOWN
        : SaveState.PENDING;
  }

  private static boolean isNoneBelow(BitSet bits, int position) {
    var first = bits.nextSetBit(0);
    return first < 0 || first >= position;
  }
}
