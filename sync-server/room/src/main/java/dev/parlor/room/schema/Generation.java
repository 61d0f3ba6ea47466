package dev.parlor.room.schema;

import org.jspecify.annotations.Nullable;

/**
 * The generation state in the document. A peer may have forged {@code epoch} and {@code grant}, so
 * the server trusts only its own ledger.
 *
 * @param lock the winner among concurrent requests, or null
 */
public record Generation(
    long epoch, @Nullable Lock lock, @Nullable Grant grant, @Nullable Stop stop) {}
