/**
 * Measures the store alone: commits per second and the cost of one for the commit thread. Measures
 * the compaction of one document without a store.
 *
 * <p>It opens a store in a temporary directory and removes that at the end. It uses no network.
 * Figures of the whole relay are in {@code load}.
 */
@NullMarked
package dev.parlor.bench.store;

import org.jspecify.annotations.NullMarked;
