/**
 * The deletion of documents that are not rooms: a table of tombstones, deletion and restoration,
 * and the sweep that removes the data of deleted documents after its time.
 *
 * <p>Methods block on the disk. They run on the threads of HTTP requests, and the sweep on a thread
 * of its own. Documents ask for tombstones only when they enter memory. Never imports sockets,
 * Helidon or Automerge.
 */
@NullMarked
package dev.parlor.relay.deletion;

import org.jspecify.annotations.NullMarked;
