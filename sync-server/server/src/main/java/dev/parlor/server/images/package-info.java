/**
 * Images of rooms in the store of assets: each room is an owner of the images that it has. Runs on
 * the caller's thread, on the store's thread and on the thread of sweeps. Never imports HTTP or
 * sockets.
 */
@NullMarked
package dev.parlor.server.images;

import org.jspecify.annotations.NullMarked;
