/**
 * The conformance suite: the rules of {@code docs/protocol.md} as checks that can be pointed at any
 * automerge-repo WebSocket server, ours or another's.
 *
 * <p>The input is a WebSocket URL. The output is a Markdown report with one line per check: pass,
 * FAIL with the expected and the observed behavior, or not offered. Each check runs on its own
 * virtual thread with its own sockets, peer ids and documents, and ends within its deadline. The
 * suite uses plain sockets ({@link dev.parlor.bench.conformance.Line}), so that it can break every
 * rule of the WebSocket protocol. Of this project it uses the codecs of crdt-core and no class of
 * the server.
 */
@NullMarked
package dev.parlor.bench.conformance;

import org.jspecify.annotations.NullMarked;
