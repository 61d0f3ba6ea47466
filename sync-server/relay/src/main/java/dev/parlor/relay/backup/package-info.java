/**
 * The format of backups: writes, reads, joins and checks backup files, and checks the change graph
 * of every document in them. A file does not depend on the format of the store's files.
 *
 * <p>All of it runs on the caller's thread and may block on files. This package never imports
 * {@code document}, {@code socket} or Automerge.
 */
@NullMarked
package dev.parlor.relay.backup;

import org.jspecify.annotations.NullMarked;
