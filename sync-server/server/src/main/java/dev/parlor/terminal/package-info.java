/**
 * The terminal client: takes part in a room over its JSON socket, from a terminal or a pipe. It is
 * a program of its own and uses only the JDK and Jackson, never the server's packages. Input is
 * read on the main thread; messages of the room arrive one at a time on a thread of the HTTP
 * client.
 */
@NullMarked
package dev.parlor.terminal;

import org.jspecify.annotations.NullMarked;
