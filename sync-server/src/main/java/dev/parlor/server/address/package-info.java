/**
 * The address that a request counts for: its socket's own, or the address that a trusted proxy
 * names in its header.
 *
 * <p>In come the socket's address, the lines of one header, and the list of trusted proxies; out
 * comes one address as text. Pure: no look-up of names, no sockets, no state, so any thread may run
 * it. Imports nothing of the server.
 */
@NullMarked
package dev.parlor.server.address;

import org.jspecify.annotations.NullMarked;
