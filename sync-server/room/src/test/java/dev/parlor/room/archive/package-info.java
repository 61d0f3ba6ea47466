/** Tests of archiving rooms and restoring them. */
@NullMarked
package dev.parlor.room.archive;

import org.jspecify.annotations.NullMarked;
