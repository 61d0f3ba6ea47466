/**
 * {@code ./parlor fuzz kill}: it kills the whole server repeatedly under real automerge-repo
 * clients, and checks the data on the disk after each kill.
 *
 * <p>The main thread does the work; a second thread reads the output of the clients. The server is
 * a separate process; the clients are the Node program of {@code sync-server/relay/interop}. Both
 * are ended by their process handles. Only 127.0.0.1.
 */
@NullMarked
package dev.parlor.bench.kill;

import org.jspecify.annotations.NullMarked;
