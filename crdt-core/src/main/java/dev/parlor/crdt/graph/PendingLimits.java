package dev.parlor.crdt.graph;

/**
 * The limits of changes that wait for missing dependencies [SY7]. At any limit the change is not
 * kept, and {@link PendingChanges#hold} reports that. The caller must then end the session or reset
 * sync, since an Automerge peer does not send a change twice in one session.
 *
 * @param changesPerSourceMax changes that wait on behalf of one source
 * @param bytesPerSourceMax bytes of their chunks
 * @param changesMax changes that wait in the document
 * @param bytesMax bytes of their chunks
 */
public record PendingLimits(
    int changesPerSourceMax, long bytesPerSourceMax, int changesMax, long bytesMax) {

  public static final PendingLimits DEFAULT =
      new PendingLimits(10_000, 16L << 20, 50_000, 64L << 20);
}
