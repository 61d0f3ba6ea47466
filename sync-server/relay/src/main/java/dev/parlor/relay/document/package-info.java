/**
 * Documents in memory. Each document has one worker, which admits the changes of its peers, adds
 * them to the change graph, hands them to the store and sends them to all other peers.
 *
 * <p>Decoded messages come in from any thread, through {@link
 * dev.parlor.relay.document.ServerDocumentHandle} and the handles of connections. Encoded frames go
 * out to {@link dev.parlor.relay.document.Peer}s, and events to {@link
 * dev.parlor.relay.document.DocumentObserver}s.
 *
 * <p>A document has no thread; one thread at a time runs its steps. A short step runs on the thread
 * that added the first command: the connection's or the store's. A longer step runs on a virtual
 * thread ({@code document-<id>}). The memory tasks run on the threads {@code memory} and {@code
 * memory-relief}, and query documents like any other caller.
 *
 * <p>{@code DocumentDirectory} opens documents, {@code DocumentWorker} runs the steps of one
 * document, and {@code DocumentState} is the state that a step changes. This package never imports
 * {@code socket}, Helidon or Automerge: plain Java reads and writes snapshots.
 */
@NullMarked
package dev.parlor.relay.document;

import org.jspecify.annotations.NullMarked;
