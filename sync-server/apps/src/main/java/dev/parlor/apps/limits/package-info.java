/** The limits of apps and contexts. Constants and values; any thread. Imports nothing of Parlor. */
@NullMarked
package dev.parlor.apps.limits;

import org.jspecify.annotations.NullMarked;
