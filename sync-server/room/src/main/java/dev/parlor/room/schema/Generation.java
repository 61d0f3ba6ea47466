package dev.parlor.room.schema;

import org.jspecify.annotations.Nullable;

/**
 * The generation state in the document. Peers write {@code lock} and {@code stop}. Only the server
 * may write {@code epoch} and {@code grant}, but a peer may have forged them, so the server trusts
 * only its own ledger.
 *
 * @param epoch the epoch of the run that was granted last
 * @param lock the winner among concurrent requests, or null
 * @param grant the permission of the request that runs, or null
 * @param stop the request to end a run, or null
 */
public record Generation(
    long epoch, @Nullable Lock lock, @Nullable Grant grant, @Nullable Stop stop) {}
