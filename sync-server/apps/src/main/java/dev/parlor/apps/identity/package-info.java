/**
 * Who sends a request of the apps API: the types of authentication and the tokens of each. Runs on
 * the caller's thread and may fetch keys. Never imports Helidon.
 */
@NullMarked
package dev.parlor.apps.identity;

import org.jspecify.annotations.NullMarked;
