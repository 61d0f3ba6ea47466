package dev.parlor.crdt.room;

import org.jspecify.annotations.Nullable;

/**
 * The document's view of the generation lock. {@code epoch} and {@code grant} are what the document
 * says, which a peer may have forged: the server believes its own ledger only.
 *
 * @param lock the winner among concurrent requests, or null
 */
public record Generation(
    long epoch, @Nullable Lock lock, @Nullable Grant grant, @Nullable Stop stop) {}
