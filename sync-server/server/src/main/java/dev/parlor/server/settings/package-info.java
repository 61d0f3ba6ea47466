/**
 * The settings of a server with rooms. At start, command line, environment and file become one
 * immutable {@link dev.parlor.server.settings.ServerConfig}, or one exception that names every
 * invalid setting. Runs on the main thread.
 */
@NullMarked
package dev.parlor.server.settings;

import org.jspecify.annotations.NullMarked;
