/**
 * Measures the store alone: commits per second and what one costs the commit thread.
 *
 * <p>It opens a store of its own in a directory of its own, which it removes at the end; nothing
 * listens and nothing goes over a wire. Figures of the whole relay are in {@code load}.
 */
@NullMarked
package dev.parlor.bench.store;

import org.jspecify.annotations.NullMarked;
