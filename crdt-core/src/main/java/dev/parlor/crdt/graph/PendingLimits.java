package dev.parlor.crdt.graph;

/**
 * The limits of changes that wait for missing dependencies [SY7]. A change above any limit is not
 * kept, and {@link PendingChanges#hold} returns {@code FULL}. The caller must then end the session
 * or reset sync, because an Automerge peer sends a change only once in a session.
 *
 * @param changesPerSourceMax changes that wait on behalf of one source
 * @param bytesPerSourceMax bytes of the chunks of these changes
 * @param changesMax changes that wait in the document
 * @param bytesMax bytes of the chunks of all waiting changes
 */
public record PendingLimits(
    int changesPerSourceMax, long bytesPerSourceMax, int changesMax, long bytesMax) {

  public static final PendingLimits DEFAULT =
      new PendingLimits(10_000, 16L << 20, 50_000, 64L << 20);
}
