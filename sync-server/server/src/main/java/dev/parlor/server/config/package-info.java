/**
 * The settings of a server with rooms. At start, command line, environment and file become one
 * immutable {@link dev.parlor.server.config.ServerConfig}, or one exception that names every
 * invalid setting. Runs on the main thread.
 */
@NullMarked
package dev.parlor.server.config;

import org.jspecify.annotations.NullMarked;
