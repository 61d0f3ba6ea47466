/**
 * The apps API over WebSocket, on the relay's transport. Frames arrive on the socket's thread,
 * which never blocks; requests run on a virtual thread per socket. Imports Helidon's headers only;
 * never imports storage.
 */
@NullMarked
package dev.parlor.apps.socket;

import org.jspecify.annotations.NullMarked;
