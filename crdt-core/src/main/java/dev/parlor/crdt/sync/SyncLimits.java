package dev.parlor.crdt.sync;

/**
 * The limits of one sync message. A message above any of them is Malformed under SY2: nothing of
 * the message is kept, and the session is closed. The number of changes is limited only by the
 * length of the message.
 *
 * @param headsMax heads of the sender. A document with more heads could not be synced; admission
 *     keeps the number of heads far below this limit
 * @param needMax requested hashes
 * @param haveMax summaries of the sender's changes; Automerge sends one
 * @param lastSyncMax {@code lastSync} hashes in one summary
 * @param filterBytesMax bytes of one Bloom filter
 * @param probesMax probes for each hash of a filter; Automerge uses 7
 */
public record SyncLimits(
    int headsMax, int needMax, int haveMax, int lastSyncMax, int filterBytesMax, int probesMax) {

  public static final SyncLimits DEFAULT = new SyncLimits(2_048, 8_192, 4, 2_048, 4 << 20, 16);
}
