package dev.parlor.crdt.format;

import java.util.List;

/**
 * The changes of one message: those that could be read, in their order, and those that are refused
 * for themselves.
 *
 * @param unread at most {@code unreadMax + 1} of them; with more than {@code unreadMax} the rest is
 *     not named, see {@link ChangeCodec#decodeEach}
 * @param unreadBytes that were read, or may have been inflated, for the unread ones
 */
public record DecodedChanges(List<ChangeChunk> changes, List<Unread> unread, long unreadBytes) {

  /**
   * A change that is malformed or too large [AD1] [AD3]. The bytes around it are sound, so the
   * message can be read on.
   *
   * @param checksum the first four bytes of the change's hash, as they stand in the chunk: all that
   *     is known of a change that was not inflated
   * @param rule the id in {@code docs/protocol.md}
   * @param reason one sentence for a person
   */
  public record Unread(int checksum, String rule, String reason) {}

  public DecodedChanges {
    changes = List.copyOf(changes);
    unread = List.copyOf(unread);
  }
}
