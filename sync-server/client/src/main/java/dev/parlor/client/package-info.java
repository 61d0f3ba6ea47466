/**
 * A repository of Automerge documents for programs on the JVM. {@link dev.parlor.client.Repo} keeps
 * the documents, in memory and in files, and syncs them with one automerge-repo server; {@link
 * dev.parlor.client.DocumentHandle} reads and changes one of them.
 *
 * <p>Threads: every document has one lock. Methods of handles may be called from any thread; they
 * hold the lock only while they read or change the document, and never while they wait. A change is
 * made and written to its file on the calling thread. Messages are received and sent on one thread
 * of the repository. Listeners run on another one, one call after the other, without a lock; a slow
 * listener delays only other listeners.
 *
 * <p>Never imports the relay, the rooms or the server. It exposes values, edits and paths of {@code
 * dev.parlor.crdt.replica}, and no types of the Automerge bindings.
 */
@NullMarked
package dev.parlor.client;

import org.jspecify.annotations.NullMarked;
