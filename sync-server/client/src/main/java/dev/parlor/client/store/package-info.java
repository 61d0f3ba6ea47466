/**
 * The offline store of a client: one file for each document, in one folder.
 *
 * <p>A file is a sequence of Automerge chunks: at most one document chunk, then change chunks. So
 * it is also a valid {@code .automerge} file. Each chunk has its own length and checksum. A change
 * is appended before it is sent; a compaction replaces the file atomically. Bytes that are no
 * intact chunk are moved to a file beside it when the file is opened, and reported.
 *
 * <p>A {@link dev.parlor.client.store.DocumentFile} is used by one thread at a time: the owner of
 * its document's lock. Only this package writes files. It never imports sockets, {@code sync} or
 * {@code replica}.
 */
@NullMarked
package dev.parlor.client.store;

import org.jspecify.annotations.NullMarked;
