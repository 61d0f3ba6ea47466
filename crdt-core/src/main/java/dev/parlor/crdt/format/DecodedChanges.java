package dev.parlor.crdt.format;

import java.util.List;

/**
 * The changes of one message: the decoded changes in their order, and the changes that are refused
 * on their own.
 *
 * @param unread at most {@code unreadMax + 1} refused changes; with more than {@code unreadMax} the
 *     rest is not listed, see {@link ChangeCodec#decodeEach}
 * @param unreadBytes bytes that were read, or may have been inflated, for the refused changes
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
