/**
 * Long random tests of everything that reads a stranger's bytes. One thread, bounded by time,
 * repeatable by its seed; no sockets, no files but the golden vectors, no native code.
 */
@NullMarked
package dev.parlor.bench.fuzz;

import org.jspecify.annotations.NullMarked;
