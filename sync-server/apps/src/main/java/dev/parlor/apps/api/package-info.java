/**
 * The requests of the apps API, for both transports: validate, authenticate, handle, answer. Runs
 * on virtual threads. Never imports Helidon or sockets.
 */
@NullMarked
package dev.parlor.apps.api;

import org.jspecify.annotations.NullMarked;
