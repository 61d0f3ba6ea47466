/**
 * A broadcast on bare sockets with a virtual thread each. It gives the lowest possible cost of a
 * delivery, as a baseline for Parlor. It runs in its own process, imports no code of Parlor, and
 * stores nothing.
 */
@NullMarked
package dev.parlor.bench.floor;

import org.jspecify.annotations.NullMarked;
