/**
 * The conformance suite: it checks any automerge-repo WebSocket server against the rules of {@code
 * docs/protocol.md}.
 *
 * <p>The input is a WebSocket URL. The output is a Markdown report with one line per check: pass,
 * FAIL with the expected and the observed behavior, or not offered. Each check runs on its own
 * virtual thread with its own sockets, peer ids and documents, and ends within its deadline. The
 * suite uses plain sockets ({@link dev.parlor.bench.conformance.RawConnection}), so that it can
 * break every rule of the WebSocket protocol. Of this project it uses the codecs of crdt-core and
 * no class of the server.
 */
@NullMarked
package dev.parlor.bench.conformance;

import org.jspecify.annotations.NullMarked;
