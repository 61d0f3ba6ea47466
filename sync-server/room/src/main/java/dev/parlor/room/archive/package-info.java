/**
 * The archive of rooms that were not opened for long, one file each, beside the store. {@link
 * dev.parlor.room.archive.Archive} wraps the store and restores a room when it is loaded. {@link
 * dev.parlor.room.archive.Archivist} archives idle rooms.
 *
 * <p>Loads and appends come in from the relay's threads; a timer triggers the sweeps. Files and
 * removals from the store go out. All calls block on the disk. This package knows no peers and no
 * roles, and never imports {@code document}, {@code worker} or Automerge.
 */
@NullMarked
package dev.parlor.room.archive;

import org.jspecify.annotations.NullMarked;
