/**
 * The messages of the apps API as JSON: the envelope, the fields of a request, and the members of
 * an answer. Pure functions; any thread. Never imports storage, HTTP or sockets.
 */
@NullMarked
package dev.parlor.apps.message;

import org.jspecify.annotations.NullMarked;
