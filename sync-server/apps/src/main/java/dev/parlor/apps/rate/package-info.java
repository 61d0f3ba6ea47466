/**
 * The rates of requests to the apps API, by address and by user. In memory; safe from any thread.
 * Never imports storage, HTTP or sockets.
 */
@NullMarked
package dev.parlor.apps.rate;

import org.jspecify.annotations.NullMarked;
