/**
 * The load generator: one writer and many readers over raw WebSockets, ours and the reference relay
 * in the same run.
 *
 * <p>Its clients speak the automerge-repo protocol and acknowledge as a real client would, but
 * never apply a change: what is measured is the relay. One thread runs every connection ({@link
 * dev.parlor.bench.load.Loop}); times are {@code System.nanoTime}. It talks to 127.0.0.1 only,
 * starts the servers itself and ends them by their process handles.
 */
@NullMarked
package dev.parlor.bench.load;

import org.jspecify.annotations.NullMarked;
