/**
 * The URLs of apps: host names under the apps' base, and paths for clients without wildcard DNS.
 * Pure functions; any thread. Never imports storage or Helidon.
 */
@NullMarked
package dev.parlor.apps.address;

import org.jspecify.annotations.NullMarked;
