package dev.parlor.crdt.sync;

import dev.parlor.crdt.identity.Bytes;
import java.util.List;

/**
 * Tells a peer with a long history that it may upload the document as one chunk [SY3]. The peer
 * then sends type 43 as long as it keeps its state, and the whole document again whenever more than
 * a third of its changes are new. So a short document, in which a few changes are a third, is
 * uploaded as single changes.
 */
final class WholeDocumentOffer {

  /** The changes in the peer's summary from which on it is told. */
  static final int CHANGES_MIN = 1_000;

  /** The flags of a message: their length, and the flag for type 43. */
  private static final Bytes FLAGS = Bytes.ofHex("0102");

  private WholeDocumentOffer() {}

  /** Whether to answer this message with the flags, if our graph is empty. */
  static boolean isFor(SyncMessage message) {
    if (!message.understandsBlobs()) {
      return false;
    }
    for (var have : message.have()) {
      if (have.filter().entries() >= CHANGES_MIN) {
        return true;
      }
    }
    return false;
  }

  static Bytes addTo(Bytes message) {
    return Bytes.concat(List.of(message, FLAGS));
  }
}
