/**
 * Hosts, origins and client addresses of requests: the hosts and origins that this server accepts,
 * and the address by which a request is limited. This is the address of the socket, or an address
 * in the header of a trusted proxy.
 *
 * <p>The input is the socket's address, the lines of one header, and the list of trusted proxies;
 * the result is one address as text. Pure: no name lookups, no sockets, no state, so any thread may
 * call it. Imports no other package of the server.
 */
@NullMarked
package dev.parlor.relay.address;

import org.jspecify.annotations.NullMarked;
