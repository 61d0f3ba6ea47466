/**
 * Backups: the source that {@code /api/admin/backup} streams in the server, and the commands {@code
 * backup}, {@code restore} and {@code verify}, each a process of its own that runs on its main
 * thread.
 *
 * <p>Never imports Helidon or the bindings.
 */
@NullMarked
package dev.parlor.server.backup;

import org.jspecify.annotations.NullMarked;
