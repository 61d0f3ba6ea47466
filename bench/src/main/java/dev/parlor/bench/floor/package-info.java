/**
 * A broadcast on bare sockets, a virtual thread for each: the least that a delivery can cost so,
 * for measuring ours against. A process of its own; it imports nothing of ours and keeps nothing.
 */
@NullMarked
package dev.parlor.bench.floor;

import org.jspecify.annotations.NullMarked;
