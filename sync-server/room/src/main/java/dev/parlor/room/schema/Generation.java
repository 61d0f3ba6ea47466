package dev.parlor.room.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The generation state in the document. Peers write {@code lock}, {@code stop} and {@code command}.
 * Only the server may write the other fields, but a peer may have forged them, so the server trusts
 * only its own ledger.
 *
 * @param epoch the epoch of the run that was granted last
 * @param lock the winner among concurrent requests, or null
 * @param grant the permission of the oldest run, or null
 * @param stop the request to end a run, or null
 * @param grants the permissions of all runs, by their epochs
 * @param queue the waiting requests in order
 * @param paused the pause of the queue, or null
 */
public record Generation(
    long epoch,
    @Nullable Lock lock,
    @Nullable Grant grant,
    @Nullable Stop stop,
    List<Grant> grants,
    List<Queued> queue,
    @Nullable Paused paused) {
  public Generation {
    grants = List.copyOf(grants);
    queue = List.copyOf(queue);
  }

  /** A state without waiting requests. */
  public Generation(long epoch, @Nullable Lock lock, @Nullable Grant grant, @Nullable Stop stop) {
    this(epoch, lock, grant, stop, grant == null ? List.of() : List.of(grant), List.of(), null);
  }
}
