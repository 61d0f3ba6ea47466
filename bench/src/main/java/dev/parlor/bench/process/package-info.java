/**
 * Ends the processes that the programs of this module start. Called once from a main method, on its
 * thread; imports no class of Parlor.
 */
@NullMarked
package dev.parlor.bench.process;

import org.jspecify.annotations.NullMarked;
