/**
 * The web server of a relay without rooms: upgrades of {@code /sync}, health and metrics on one
 * port. Helidon runs each request on a virtual thread; nothing here waits for a document.
 *
 * <p>This package and {@code socket} are the only ones of the relay that import Helidon.
 */
@NullMarked
package dev.parlor.relay.http;

import org.jspecify.annotations.NullMarked;
