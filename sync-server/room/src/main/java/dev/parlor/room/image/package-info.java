/**
 * Images of rooms: checks and cleans uploaded bytes, and the port to the store of images. Pure
 * functions, on the caller's thread; futures complete on the store's thread. Never imports HTTP,
 * sockets or the document's worker.
 */
@NullMarked
package dev.parlor.room.image;

import org.jspecify.annotations.NullMarked;
