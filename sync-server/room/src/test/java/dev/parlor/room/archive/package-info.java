/** Tests for the archive of rooms. */
@NullMarked
package dev.parlor.room.archive;

import org.jspecify.annotations.NullMarked;
