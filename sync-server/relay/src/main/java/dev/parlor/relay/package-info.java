/**
 * A relay for automerge-repo documents, without rooms. {@link dev.parlor.relay.Relay} combines
 * storage, documents, sockets, health and metrics in one object, which other programs can embed.
 * {@link dev.parlor.relay.Main} runs it as a process. The server with rooms uses {@link
 * dev.parlor.relay.RelayCore} and adds its own access rules and endpoints.
 *
 * <p>This package only connects the parts, on the thread that starts or closes the relay. It never
 * imports a package of the room or the model client.
 */
@NullMarked
package dev.parlor.relay;

import org.jspecify.annotations.NullMarked;
