/** Tests of archiving rooms and restoring them. */
@NullMarked
package dev.parlor.server.archive;

import org.jspecify.annotations.NullMarked;
