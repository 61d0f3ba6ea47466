/**
 * Hosts, origins and addresses of requests: which hosts and origins this server accepts, and the
 * address that a request counts for. That is its socket's own, or the address that a trusted proxy
 * names in its header.
 *
 * <p>The input is the socket's address, the lines of one header, and the list of trusted proxies;
 * the result is one address as text. Pure: no name lookups, no sockets, no state, so any thread may
 * call it. Imports no other package of the server.
 */
@NullMarked
package dev.parlor.relay.address;

import org.jspecify.annotations.NullMarked;
