/**
 * The web server. {@link dev.parlor.relay.http.WebPort} is the TCP port of a process: Helidon's web
 * server with upgrades and TLS. {@link dev.parlor.relay.http.RelayHttp} uses it for a relay without
 * rooms: {@code /sync}, health and metrics. Helidon runs each request on a virtual thread; no
 * request waits for a document.
 *
 * <p>This package and {@code socket} are the only ones of the relay that import Helidon.
 */
@NullMarked
package dev.parlor.relay.http;

import org.jspecify.annotations.NullMarked;
