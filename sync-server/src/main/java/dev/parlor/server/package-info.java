/**
 * Where the server starts: the command line, and the wiring of every part. Nothing here decides
 * anything that a part could decide; nothing else may import this package.
 */
@NullMarked
package dev.parlor.server;

import org.jspecify.annotations.NullMarked;
