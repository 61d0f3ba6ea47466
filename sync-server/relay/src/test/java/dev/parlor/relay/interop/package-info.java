/**
 * Runs real automerge-repo clients (the npm project {@code sync-server/relay/interop}) against a
 * real server. If Node or the npm packages are missing, the tests fail with a message that says
 * what to install.
 */
@NullMarked
package dev.parlor.relay.interop;

import org.jspecify.annotations.NullMarked;
