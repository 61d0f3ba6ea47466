/**
 * The load generator: clients that write and read over raw WebSockets, for Parlor and other relays
 * in the same run.
 *
 * <p>{@link dev.parlor.bench.load.EditRows} makes the table of edits, and {@link
 * dev.parlor.bench.load.SampleRows} the second table. The clients use the protocol of the server
 * ({@link dev.parlor.bench.load.ClientProtocol}) and acknowledge as real clients do, but never
 * apply a change, so that the figures measure the relay. One thread runs every connection ({@link
 * dev.parlor.bench.load.Loop}); times are {@code System.nanoTime}. It talks to 127.0.0.1 only,
 * starts the servers itself and ends them by their process handles.
 */
@NullMarked
package dev.parlor.bench.load;

import org.jspecify.annotations.NullMarked;
