package dev.parlor.crdt.sync;

/**
 * How long the lists of one sync message may be. A message beyond any of these is Malformed under
 * SY2: the session is closed and nothing of it is kept. How many changes a message carries is
 * bounded by its bytes only.
 *
 * @param headsMax hashes sent as heads; kept while the peer is connected. A document with more
 *     heads than its peers' limit could not be synced: admission keeps it far below
 * @param needMax hashes asked for
 * @param haveMax summaries of the sender's changes; Automerge sends one
 * @param lastSyncMax hashes in one summary
 * @param filterBytesMax bytes of one Bloom filter
 * @param probesMax probes per hash that a filter may demand; Automerge uses 7
 */
public record SyncLimits(
    int headsMax, int needMax, int haveMax, int lastSyncMax, int filterBytesMax, int probesMax) {

  public static final SyncLimits DEFAULT = new SyncLimits(2_048, 8_192, 4, 2_048, 4 << 20, 16);
}
