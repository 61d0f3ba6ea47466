/**
 * Access control: identities proved by tokens, rooms with unguessable slugs, roles proved by link
 * keys, single-use tickets for browsers' sockets, and rate limits. {@link
 * dev.parlor.room.access.RoomRules} decides which identity may write to which part of a room's
 * document. It runs in the step of the document and never blocks.
 *
 * <p>The input is untrusted strings. The output is identities, roles and {@link
 * dev.parlor.relay.admission.Caller}s, or a refusal that gives the reason but not the correct
 * value. All classes except {@code RoomRules} are thread-safe. Reads wait only for the table, but
 * verifying a JSON Web Token may fetch keys. Methods whose comment says "on disk when this returns"
 * wait for the commit. Clock and randomness are arguments. This package never imports Helidon,
 * {@code http} or Automerge.
 */
@NullMarked
package dev.parlor.room.access;

import org.jspecify.annotations.NullMarked;
