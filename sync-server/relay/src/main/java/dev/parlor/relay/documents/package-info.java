/**
 * Documents for backends: reads a stored document as JSON or as a file, lists documents and their
 * history, and writes changes for a caller. For documents that are not rooms.
 *
 * <p>Reading and patching is plain Java on the platform threads {@code document-reads-<n>}, because
 * it blocks on the disk and takes time in proportion to a document's history. Changes go to the
 * document's worker like those of a peer, and a call returns when they are on disk. This package
 * never imports Helidon, {@code socket} or Automerge; {@code documents.http} is its interface over
 * HTTP.
 */
@NullMarked
package dev.parlor.relay.documents;

import org.jspecify.annotations.NullMarked;
