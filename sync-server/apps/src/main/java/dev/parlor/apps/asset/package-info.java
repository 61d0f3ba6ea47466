/**
 * The bytes of files under their content id, each stored once, with references by owner. Runs on
 * the caller's thread; futures complete on the store's thread. Never imports Helidon.
 */
@NullMarked
package dev.parlor.apps.asset;

import org.jspecify.annotations.NullMarked;
