/**
 * Apps and their releases: deploying files, slugs, publishing, versions, limits and eviction. Runs
 * on the caller's thread; futures complete on the store's thread. Never imports Helidon.
 */
@NullMarked
package dev.parlor.apps.release;

import org.jspecify.annotations.NullMarked;
