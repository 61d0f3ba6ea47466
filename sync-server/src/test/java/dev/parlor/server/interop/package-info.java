/**
 * Drives real automerge-repo clients (the npm project {@code sync-server/interop}) against a real
 * server. A missing Node or missing packages fail these tests with a sentence that says what to do.
 */
@NullMarked
package dev.parlor.server.interop;

import org.jspecify.annotations.NullMarked;
