/**
 * Decides who may change what: structural limits of a change, and what a caller's role allows.
 *
 * <p>Pure functions and values, called on a room's thread; no clock, no files, no sockets. Never
 * imports {@code relay}, {@code socket} or Automerge.
 */
@NullMarked
package dev.parlor.server.admission;

import org.jspecify.annotations.NullMarked;
