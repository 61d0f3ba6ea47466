/**
 * The errors of the apps API: a code, a sentence, and the field at fault. Immutable; any thread.
 * Never imports storage, HTTP or sockets.
 */
@NullMarked
package dev.parlor.apps.error;

import org.jspecify.annotations.NullMarked;
