/**
 * Who may come in: identities proved by tokens, rooms found by unguessable slugs, roles proved by
 * link keys, single-use tickets for browsers' sockets, and how often anybody may ask.
 *
 * <p>In come strings from strangers; out go identities, roles and {@link
 * dev.parlor.server.admission.Caller}s, or a refusal that says why without saying what would have
 * been right. Everything is safe from any thread and blocks on nothing but the table's own reads;
 * clock and randomness are arguments. Never imports Helidon, {@code http} or Automerge.
 */
@NullMarked
package dev.parlor.server.access;

import org.jspecify.annotations.NullMarked;
