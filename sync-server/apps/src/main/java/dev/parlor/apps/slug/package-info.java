/**
 * Slugs: the names of users and apps in host names and paths, their rule, and new ones of three
 * words. Pure functions; any thread. Never imports storage, HTTP or sockets.
 */
@NullMarked
package dev.parlor.apps.slug;

import org.jspecify.annotations.NullMarked;
