/**
 * The HTTP face: the room's endpoints, server-sent events, and the page as static files.
 *
 * <p>In come requests on Helidon's virtual threads, one per connection; each endpoint is a function
 * from an {@code HttpCall} to a {@code Reply} and may wait for a room's commit. Whatever goes wrong
 * is told as {@code application/problem+json}. Works only through the ports of {@code access},
 * {@code rooms}, {@code generation} and {@code health}; never touches a document itself, and never
 * imports Automerge or {@code socket}.
 */
@NullMarked
package dev.parlor.server.http;

import org.jspecify.annotations.NullMarked;
