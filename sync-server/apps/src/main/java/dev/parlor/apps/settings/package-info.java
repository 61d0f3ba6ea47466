/**
 * The settings that clients keep for a user. Runs on the caller's thread; futures complete on a
 * virtual thread. Never imports Helidon.
 */
@NullMarked
package dev.parlor.apps.settings;

import org.jspecify.annotations.NullMarked;
