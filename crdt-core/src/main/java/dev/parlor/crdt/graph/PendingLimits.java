package dev.parlor.crdt.graph;

/**
 * How much may wait for missing dependencies [SY7]. At any of these the change is not kept and
 * {@link PendingChanges#hold} says so; the caller closes the source's session, so that the peer
 * starts over when it returns (merely dropping the change would strand it: an Automerge peer does
 * not send a change twice in one session).
 *
 * @param changesPerSourceMax changes that wait on behalf of one source
 * @param bytesPerSourceMax bytes of their chunks
 * @param changesMax changes that wait in the room
 * @param bytesMax bytes of their chunks
 */
public record PendingLimits(
    int changesPerSourceMax, long bytesPerSourceMax, int changesMax, long bytesMax) {

  public static final PendingLimits DEFAULT =
      new PendingLimits(10_000, 16L << 20, 50_000, 64L << 20);
}
