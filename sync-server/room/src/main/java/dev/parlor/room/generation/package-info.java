/**
 * Runs model calls for rooms. It watches the lock, stores an epoch, grants the lock under that
 * epoch, calls the model through {@code dev.parlor.model}, streams the answer, and writes one
 * result for each request.
 *
 * <p>{@link dev.parlor.room.generation.GenerationState} decides, as a pure step function; {@code
 * GenerationRunner} runs its effects on the thread of its {@link
 * dev.parlor.room.worker.RoomWorker}. The ledger in the store is authoritative. The server never
 * trusts a document's epoch, grant and results: it compares them with the ledger and restores them.
 * This package never imports {@code socket} or {@code http}.
 */
@NullMarked
package dev.parlor.room.generation;

import org.jspecify.annotations.NullMarked;
