/**
 * The conformance suite: the rules of {@code docs/protocol.md} as checks that can be pointed at any
 * automerge-repo WebSocket server, ours or another's.
 *
 * <p>In goes a WebSocket URL, out comes a Markdown report with one line per check: pass, FAIL with
 * what was expected and seen, or not offered. Each check runs on its own virtual thread with
 * sockets, peer ids and documents of its own, and ends within its deadline. It speaks over plain
 * sockets ({@link dev.parlor.bench.conformance.Line}), so that it can also break every rule of the
 * WebSocket protocol; of this project it uses crdt-core's codecs and never a class of the server.
 */
@NullMarked
package dev.parlor.bench.conformance;

import org.jspecify.annotations.NullMarked;
