/**
 * Long random tests of everything that reads a stranger's bytes. One thread, bounded by time,
 * repeatable by its seed; no sockets, no files but the golden vectors and what a failure leaves.
 * Native code runs in a child process only, which may die.
 */
@NullMarked
package dev.parlor.bench.fuzz;

import org.jspecify.annotations.NullMarked;
