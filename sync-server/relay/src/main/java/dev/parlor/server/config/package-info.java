/**
 * The settings for the operator, and every limit of the server.
 *
 * <p>At start, command line, environment and file become one immutable {@link
 * dev.parlor.server.config.ServerConfig} with its {@link dev.parlor.server.config.Limits}, or one
 * exception that names every invalid setting. All types are values, safe on any thread. Of Parlor's
 * packages, this package imports {@code address} and {@code tls} only.
 */
@NullMarked
package dev.parlor.server.config;

import org.jspecify.annotations.NullMarked;
