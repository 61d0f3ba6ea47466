/**
 * What the person who runs the server may set, and every number the server holds itself to.
 *
 * <p>Command line, environment and file go in once at start; an immutable {@link
 * dev.parlor.server.config.ServerConfig} with its {@link dev.parlor.server.config.Limits} comes
 * out, or one exception that names every bad setting at once. Values only, safe on any thread; this
 * package imports nothing else of Parlor's.
 */
@NullMarked
package dev.parlor.server.config;

import org.jspecify.annotations.NullMarked;
