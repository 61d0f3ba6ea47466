/**
 * Parts of the proof that a cluster loses nothing: a whole cluster of real processes on this
 * machine, the history of what its clients were told, and the checker of that history. The test
 * {@code ClusterIT} and the command {@code ./parlor fuzz cluster} use the same parts.
 *
 * <p>Nothing here needs a test framework. All processes are children of the process that uses these
 * classes; all sockets are on 127.0.0.1, or on the addresses of network namespaces that the fuzzer
 * makes.
 */
@NullMarked
package dev.parlor.nats.proof;

import org.jspecify.annotations.NullMarked;
