/**
 * The archive of rooms that have not been open for a long time, with one file for each room. {@link
 * dev.parlor.room.archive.Archive} wraps the store and restores a room when it is loaded. {@link
 * dev.parlor.room.archive.Archivist} archives idle rooms.
 *
 * <p>The relay's threads load and append documents through this package; a timer triggers the
 * sweeps. Loading and archiving block on the disk. This package has no access to peers and roles,
 * and never imports {@code document}, {@code worker} or Automerge.
 */
@NullMarked
package dev.parlor.room.archive;

import org.jspecify.annotations.NullMarked;
