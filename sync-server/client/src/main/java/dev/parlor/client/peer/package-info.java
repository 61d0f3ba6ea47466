/**
 * The command {@code parlor peer}: shows, follows, changes and exports one document of a server.
 *
 * <p>It runs on the main thread and uses only the client's public classes. Arguments become a
 * {@link dev.parlor.client.peer.PeerCommand}; a wrong argument is one sentence on the error output
 * and exit status 2.
 */
@NullMarked
package dev.parlor.client.peer;

import org.jspecify.annotations.NullMarked;
