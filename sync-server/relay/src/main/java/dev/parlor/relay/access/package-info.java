/**
 * Access of clients to documents that are not rooms: open, by token, or closed. A token's claims
 * name the documents that its holder may read, write and own; the table of owners remembers which
 * subject created a document.
 *
 * <p>Upgrades and decisions about documents run on threads that may read the disk or fetch keys.
 * Never imports Helidon or Automerge.
 */
@NullMarked
package dev.parlor.relay.access;

import org.jspecify.annotations.NullMarked;
