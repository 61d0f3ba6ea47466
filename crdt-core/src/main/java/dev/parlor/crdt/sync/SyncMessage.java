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
 * @param need changes the sender asks for by hash
 * @param have summaries of the sender's changes; none means "send only what I need"
 * @param changes for {@link Kind#CHANGES} one chunk each, for {@link Kind#BLOB} chunks end to end;
 *     not decoded
 * @param flags the flag bytes, or null if the sender sent none; a sender with flags reads {@link
 *     Kind#BLOB}
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
    /** 42: changes one by one. */
    CHANGES(0x42),
    /** 43: one blob of concatenated chunks, which may start with a whole document. */
    BLOB(0x43);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** A summary of the sender's changes: all up to {@code lastSync}, and those in the filter. */
  public record Have(List<ChangeHash> lastSync, BloomFilter filter) {
    public Have {
      lastSync = List.copyOf(lastSync);
    }

    /** Whether an Automerge peer sent this because it cannot use our last sync. */
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
