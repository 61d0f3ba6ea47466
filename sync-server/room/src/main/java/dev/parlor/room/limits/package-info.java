/**
 * Every limit of rooms and of their HTTP interface. All types are values, safe on any thread. It
 * imports only {@code config}, which has the limits of the relay.
 */
@NullMarked
package dev.parlor.room.limits;

import org.jspecify.annotations.NullMarked;
