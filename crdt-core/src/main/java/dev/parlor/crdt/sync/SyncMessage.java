package dev.parlor.crdt.sync;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message of the Automerge sync protocol [SY2].
 *
 * @param kind how the changes are packed
 * @param heads the heads of the sender's document
 * @param need hashes of changes that the sender requests
 * @param have summaries of the sender's changes; an empty list means that the sender wants only the
 *     requested changes
 * @param changes for {@link Kind#CHANGES} one chunk in each item, for {@link Kind#BLOB}
 *     concatenated chunks; not decoded
 * @param flags the flag bytes, or null if the message has none; a sender of flags understands
 *     {@link Kind#BLOB}
 */
public record SyncMessage(
    Kind kind,
    List<ChangeHash> heads,
    List<ChangeHash> need,
    List<Have> have,
    List<Bytes> changes,
    @Nullable Bytes flags) {

  /** The message's type byte. */
  public enum Kind {
    /** 42 (hexadecimal): changes one by one. */
    CHANGES(0x42),
    /** 43 (hexadecimal): one blob of concatenated chunks, which may start with a whole document. */
    BLOB(0x43);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /**
   * A summary of the sender's changes: the changes of {@code lastSync} with their past, and the
   * changes in the filter.
   */
  public record Have(List<ChangeHash> lastSync, BloomFilter filter) {
    public Have {
      lastSync = List.copyOf(lastSync);
    }

    /** Whether it is the summary of an Automerge peer that does not have our {@code lastSync}. */
    boolean isBlank() {
      return lastSync.isEmpty() && filter.isEmpty();
    }
  }

  public SyncMessage {
    heads = List.copyOf(heads);
    need = List.copyOf(need);
    have = List.copyOf(have);
    changes = List.copyOf(changes);
  }

  /** Whether the sender understands {@link Kind#BLOB}. */
  public boolean understandsBlobs() {
    return flags != null || kind == Kind.BLOB;
  }
}
