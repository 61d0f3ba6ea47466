/**
 * Names of content: the id of a file's bytes, and the id of a set of files with its environment.
 * Pure functions; any thread. Never imports storage, HTTP or sockets.
 */
@NullMarked
package dev.parlor.apps.content;

import org.jspecify.annotations.NullMarked;
