/**
 * Finds the user of a request to the apps API by the token and the type of authentication. Runs on
 * the caller's thread and may fetch keys. Never imports Helidon.
 */
@NullMarked
package dev.parlor.apps.identity;

import org.jspecify.annotations.NullMarked;
