/**
 * The start of the server: the command line, and the construction of all parts. Decisions belong to
 * the parts, not to this package. No other package may import this one.
 */
@NullMarked
package dev.parlor.server;

import org.jspecify.annotations.NullMarked;
