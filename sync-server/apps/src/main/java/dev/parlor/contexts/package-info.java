/**
 * Contexts: durable chat transcripts of programs, as numbered sections. Runs on the caller's
 * thread; futures complete on the store's thread. Never imports Helidon.
 */
@NullMarked
package dev.parlor.contexts;

import org.jspecify.annotations.NullMarked;
