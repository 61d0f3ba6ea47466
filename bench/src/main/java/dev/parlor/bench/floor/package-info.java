/**
 * The baseline of the benchmarks: a broadcast on plain sockets with a virtual thread each. It shows
 * the minimal cost of a delivery. It runs in its own process, imports no code of Parlor, and stores
 * nothing.
 */
@NullMarked
package dev.parlor.bench.floor;

import org.jspecify.annotations.NullMarked;
