package dev.parlor.crdt.format;

import java.util.List;

/**
 * The changes of one message: the decoded changes in their order, and the changes that were not
 * read. An unread change does not affect the other changes.
 *
 * @param unread at most {@code unreadMax + 1} changes, see {@link ChangeCodec#decodeEach}; if there
 *     are more than {@code unreadMax}, the message has further changes that are in neither list
 * @param unreadBytes bytes that were read, or may have been inflated, for the unread changes
 */
public record DecodedChanges(List<ChangeChunk> changes, List<Unread> unread, long unreadBytes) {

  /**
   * A change that is malformed or too large [AD1] [AD3]. Its chunk is intact, so the following
   * changes can be read.
   *
   * @param checksum the first four bytes of the change's hash, copied from the chunk; the full hash
   *     of a change that was not inflated is unknown
   * @param rule the id in {@code docs/protocol.md}
   * @param reason one sentence for a person
   */
  public record Unread(int checksum, String rule, String reason) {}

  public DecodedChanges {
    changes = List.copyOf(changes);
    unread = List.copyOf(unread);
  }
}
