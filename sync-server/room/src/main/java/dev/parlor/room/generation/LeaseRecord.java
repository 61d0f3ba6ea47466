package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The lease on one room's generation, shared by all nodes in one record. A node replaces the record
 * only if it is unchanged since the node read it. So holders and grants form one sequence, and a
 * node with an old record changes nothing.
 *
 * @param term grows with each new holder
 * @param epoch the epoch of the last grant by any holder
 * @param version grows with each change by the same holder
 * @param node the holder's name; empty without a holder
 */
record LeaseRecord(long term, long epoch, long version, String node) {

  static final LeaseRecord NONE = new LeaseRecord(0, 0, 0, "");

  static LeaseRecord of(@Nullable Bytes stored) {
    if (stored == null) {
      return NONE;
    }
    var parts = stored.toUtf8().split(" ", 4);
    if (parts.length != 4) {
      throw new IllegalStateException("not a lease: " + stored.toUtf8());
    }
    return new LeaseRecord(
        Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3]);
  }

  Bytes toBytes() {
    return Bytes.utf8(term + " " + epoch + " " + version + " " + node);
  }

  boolean isFree() {
    return node.isEmpty();
  }

  /** The record of the next term, with this holder. Its epoch is at least {@code epochAtLeast}. */
  LeaseRecord takenBy(String next, long epochAtLeast) {
    return new LeaseRecord(term + 1, Math.max(epoch, epochAtLeast), 0, next);
  }

  LeaseRecord withEpoch(long next) {
    return new LeaseRecord(term, next, version + 1, node);
  }

  LeaseRecord released() {
    return new LeaseRecord(term, epoch, version + 1, "");
  }

  /** Whether both records have the same holder in the same term. */
  boolean isOfSameTerm(LeaseRecord other) {
    return term == other.term && node.equals(other.node);
  }
}
