/**
 * {@code ./parlor fuzz kill}: the whole server killed again and again under real automerge-repo
 * clients, and after each kill a look at what is on the disk.
 *
 * <p>The main thread does everything, one thread reads what the clients say. The server is a
 * process of its own, the clients are the Node program of {@code sync-server/interop}; both are
 * ended by their process handles. Only 127.0.0.1.
 */
@NullMarked
package dev.parlor.bench.kill;

import org.jspecify.annotations.NullMarked;
