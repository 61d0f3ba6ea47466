/**
 * Contexts in rooms: the sections of an attached context appear in the chat of its room. Runs on
 * the caller's thread and on the rooms' threads. Never imports HTTP or sockets.
 */
@NullMarked
package dev.parlor.server.contexts;

import org.jspecify.annotations.NullMarked;
