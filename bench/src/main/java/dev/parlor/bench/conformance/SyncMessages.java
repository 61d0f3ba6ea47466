package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hand-made sync messages [SY2]. */
final class SyncMessages {

  /** The flags of a client that understands messages of type 43. */
  static final Bytes FLAGS = Bytes.ofHex("0284");

  private SyncMessages() {}

  /** The message of a client without any changes. */
  static SyncMessage blank() {
    return message(List.of(), List.of(), List.of(), null);
  }

  static SyncMessage blankWithFlags() {
    return message(List.of(), List.of(), List.of(), FLAGS);
  }

  /** The message of a client at these heads without new changes. */
  static SyncMessage at(List<ChangeHash> heads) {
    return message(heads, heads, List.of(), null);
  }

  /** The message of a client that sends changes. */
  static SyncMessage withChanges(List<ChangeHash> heads, Bytes... changes) {
    return message(heads, heads, List.of(changes), null);
  }

  private static SyncMessage message(
      List<ChangeHash> heads,
      List<ChangeHash> lastSync,
      List<Bytes> changes,
      @Nullable Bytes flags) {
    return new SyncMessage(
        SyncMessage.Kind.CHANGES,
        heads,
        List.of(),
        List.of(new SyncMessage.Have(lastSync, BloomFilter.EMPTY)),
        changes,
        flags);
  }
}
