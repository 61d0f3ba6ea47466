/**
 * Room files: Markdown files with YAML front matter from which people make rooms. The operator puts
 * them into a folder; {@link dev.parlor.room.template.RoomFolder} follows its changes.
 *
 * <p>Reading a file is a pure function. The folder is read on its own thread, or on the thread of a
 * test; its clock is an argument. This package is the only user of the YAML library. It never
 * imports sockets, HTTP, the relay or the document's worker.
 */
@NullMarked
package dev.parlor.room.template;

import org.jspecify.annotations.NullMarked;
