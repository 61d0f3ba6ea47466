/** Rooms that go into the archive and come back. */
@NullMarked
package dev.parlor.server.archive;

import org.jspecify.annotations.NullMarked;
