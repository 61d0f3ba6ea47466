/**
 * A broadcast on the bare web server: the least that a delivery can cost there, for measuring ours
 * against. A process of its own; it imports nothing of ours and keeps nothing.
 */
@NullMarked
package dev.parlor.bench.floor;

import org.jspecify.annotations.NullMarked;
