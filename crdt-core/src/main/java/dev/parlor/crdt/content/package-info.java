/**
 * The content of a document: reads its changes as maps, lists, texts and values, and writes new
 * changes to it. Plain Java, without Automerge's bindings.
 *
 * <p>Admitted {@link dev.parlor.crdt.format.ChangeChunk}s come in, each after its dependencies.
 * Values with the ids of their operations go out, so that a {@link
 * dev.parlor.crdt.content.ChangeBuilder} can overwrite them. {@link
 * dev.parlor.crdt.content.ContentReader} takes memory and time in proportion to the operations, and
 * belongs to one thread; a {@link dev.parlor.crdt.content.Content} does not change. Nothing here
 * belongs on the threads of sockets or documents. Never imports {@code replica}.
 */
@NullMarked
package dev.parlor.crdt.content;

import org.jspecify.annotations.NullMarked;
