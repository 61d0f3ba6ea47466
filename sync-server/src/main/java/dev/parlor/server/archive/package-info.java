/**
 * Rooms that nobody has opened for long, each in a file of its own beside the store: {@link
 * dev.parlor.server.archive.Archive} stands before the store and brings one back when it is loaded,
 * {@link dev.parlor.server.archive.Archivist} puts them away.
 *
 * <p>In come loads and appends from the relay's threads, and the hour; out go files and removals
 * from the store. Everything blocks on the disk. This package knows nothing of peers and roles, and
 * never imports {@code relay}, {@code rooms} or Automerge.
 */
@NullMarked
package dev.parlor.server.archive;

import org.jspecify.annotations.NullMarked;
