/**
 * The settings of a relay, and every limit of it.
 *
 * <p>At start, command line, environment and file become one immutable {@link
 * dev.parlor.relay.config.RelayConfig} with its {@link dev.parlor.relay.config.Limits}, or one
 * exception that names every invalid setting. The server with rooms adds its own settings to the
 * same reader. All types but the reader are values, safe on any thread. This package imports {@code
 * address} and {@code tls}, whose values it holds, and no other package of Parlor.
 */
@NullMarked
package dev.parlor.relay.config;

import org.jspecify.annotations.NullMarked;
