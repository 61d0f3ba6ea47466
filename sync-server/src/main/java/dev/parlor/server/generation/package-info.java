/**
 * Runs model calls for rooms: watches the lock, grants it under an epoch that is stored first,
 * calls the model through {@code dev.parlor.model}, streams the answer and writes the one result
 * that each request gets.
 *
 * <p>{@link dev.parlor.server.generation.GenerationState} decides, as a pure step function; {@code
 * RoomGeneration} runs its effects on the thread of its {@link dev.parlor.server.rooms.RoomWorker}.
 * The truth is the ledger in the store: what a document says of epoch, grant and results is
 * compared with it and put right, never believed. Never imports {@code socket} or {@code http}.
 */
@NullMarked
package dev.parlor.server.generation;

import org.jspecify.annotations.NullMarked;
