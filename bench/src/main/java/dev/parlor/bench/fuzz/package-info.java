/**
 * Long random tests of all code that reads bytes from clients. One thread, bounded in time,
 * repeatable by its seed. It uses no sockets, and no files except the golden vectors and the files
 * of failures. Native code runs only in a child process, which may crash.
 */
@NullMarked
package dev.parlor.bench.fuzz;

import org.jspecify.annotations.NullMarked;
