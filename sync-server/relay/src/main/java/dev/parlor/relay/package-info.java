/**
 * A relay for automerge-repo documents as one object: storage, documents, sockets, health and
 * metrics, without rooms. {@link dev.parlor.relay.Main} runs it as a process of its own; other
 * programs embed {@link dev.parlor.relay.Relay}. The server with rooms uses {@link
 * dev.parlor.relay.RelayCore} and adds its own access rules and endpoints.
 *
 * <p>This package only wires parts, on the thread that starts or closes the relay. It never imports
 * a package of the room or the model client.
 */
@NullMarked
package dev.parlor.relay;

import org.jspecify.annotations.NullMarked;
