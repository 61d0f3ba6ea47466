/**
 * Transactions over the record store, and records as JSON. A transaction runs on the caller's
 * thread; its future completes on the store's thread. Never imports HTTP, sockets or the rules of
 * apps and contexts.
 */
@NullMarked
package dev.parlor.apps.record;

import org.jspecify.annotations.NullMarked;
