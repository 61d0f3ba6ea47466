/**
 * What the programs of this module do about the processes that they start. Called once from a main
 * method, on its thread; imports nothing of Parlor's.
 */
@NullMarked
package dev.parlor.bench.process;

import org.jspecify.annotations.NullMarked;
