/**
 * {@code ./parlor fuzz cluster} and {@code ./parlor bench cluster-paper}: a cluster of real
 * processes on this machine. The fuzzer breaks parts of it while real clients write, and checks the
 * history of what they were told. The bench compares a cluster with the model of its costs.
 *
 * <p>The main thread does the work; other threads only read the output of processes. With the
 * rights of root, the fuzzer puts each server and each node into a network namespace of its own.
 */
@NullMarked
package dev.parlor.bench.cluster;

import org.jspecify.annotations.NullMarked;
