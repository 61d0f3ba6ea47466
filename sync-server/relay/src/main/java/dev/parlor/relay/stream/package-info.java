/**
 * Streams of the events of documents that are not rooms: changes, the deletion, and the end of a
 * permission. The HTTP interface writes them to clients as server-sent events.
 *
 * <p>A stream runs on the thread of its request, which waits for events and may block on the disk.
 * Documents and orders of the operator only wake it. Never imports Helidon or Automerge.
 */
@NullMarked
package dev.parlor.relay.stream;

import org.jspecify.annotations.NullMarked;
