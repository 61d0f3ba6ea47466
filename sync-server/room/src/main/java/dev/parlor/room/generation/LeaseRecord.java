package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The lease on one room's generation, shared by all nodes in one record. A node replaces the record
 * only if it is unchanged since the node read it. So holders, grants and renewals form one
 * sequence, and a node with an old record changes nothing.
 *
 * @param term grows with each new holder
 * @param epoch of the last grant by any holder
 * @param beat grows with each renewal
 * @param node the holder's name; empty without a holder
 */
record LeaseRecord(long term, long epoch, long beat, String node) {

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
    return Bytes.utf8(term + " " + epoch + " " + beat + " " + node);
  }

  boolean isFree() {
    return node.isEmpty();
  }

  LeaseRecord takenBy(String next, long epochAtLeast) {
    return new LeaseRecord(term + 1, Math.max(epoch, epochAtLeast), 0, next);
  }

  LeaseRecord renewed() {
    return new LeaseRecord(term, epoch, beat + 1, node);
  }

  LeaseRecord granting(long next) {
    return new LeaseRecord(term, next, beat + 1, node);
  }

  LeaseRecord released() {
    return new LeaseRecord(term, epoch, beat + 1, "");
  }

  boolean isOfSameHold(LeaseRecord other) {
    return term == other.term && node.equals(other.node);
  }
}
