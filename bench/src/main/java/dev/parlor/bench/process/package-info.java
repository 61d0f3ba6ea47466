/**
 * Ends the child processes of the programs of this module. Called once from a main method, on its
 * thread; imports no class of Parlor.
 */
@NullMarked
package dev.parlor.bench.process;

import org.jspecify.annotations.NullMarked;
