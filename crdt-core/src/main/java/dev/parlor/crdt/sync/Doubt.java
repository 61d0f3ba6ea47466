package dev.parlor.crdt.sync;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The time in which a false positive of the peer's Bloom filter may have withheld a change from it.
 */
final class Doubt {

  private final List<ChangeHash> from;
  private final List<ChangeHash> heads;
  private @Nullable Bytes have;

  /**
   * @param from the heads at which the peer's filter starts
   * @param heads our heads when the doubt began
   */
  Doubt(List<ChangeHash> from, List<ChangeHash> heads) {
    this.from = from;
    this.heads = heads;
  }

  List<ChangeHash> heads() {
    return heads;
  }

  /** Our own summary with a filter; made once, since it is large. */
  Bytes have(SyncEncoder encoder) {
    var made = have;
    if (made == null) {
      made = encoder.haveFilter(from);
      have = made;
    }
    return made;
  }
}
