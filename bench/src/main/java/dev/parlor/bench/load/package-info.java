/**
 * The load generator: writers and readers over raw WebSockets, ours and its peers in the same run.
 *
 * <p>{@link dev.parlor.bench.load.EditRows} makes the table of edits, {@link
 * dev.parlor.bench.load.SampleRows} the other one. The clients speak the protocol of the server
 * ({@link dev.parlor.bench.load.Conversation}) and acknowledge as a real client would, but never
 * apply a change: what is measured is the relay. One thread runs every connection ({@link
 * dev.parlor.bench.load.Loop}); times are {@code System.nanoTime}. It talks to 127.0.0.1 only,
 * starts the servers itself and ends them by their process handles.
 */
@NullMarked
package dev.parlor.bench.load;

import org.jspecify.annotations.NullMarked;
