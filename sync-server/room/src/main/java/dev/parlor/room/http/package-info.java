/**
 * The HTTP API: the endpoints of rooms, server-sent events, and the page as static files.
 *
 * <p>Requests arrive on Helidon's virtual threads, one per connection. Each endpoint is a function
 * from an {@code HttpCall} to a {@code Reply} and may wait for a room's commit. Errors are returned
 * as {@code application/problem+json}. The endpoints of rooms use only the packages {@code access},
 * {@code worker}, {@code generation} and {@code health}; the admin API also uses the relay's {@code
 * document}, and {@code archive}. This package never accesses a document itself and never imports
 * Automerge or {@code socket}.
 */
@NullMarked
package dev.parlor.room.http;

import org.jspecify.annotations.NullMarked;
