/**
 * The commands {@code ./parlor cluster init}, {@code check}, {@code export} and {@code import}.
 *
 * <p>Each command is a process of its own and runs on its main thread, which blocks on the network.
 *
 * <p>Nothing imports this package. It never imports the parts of a running node, {@code
 * dev.parlor.nats} and the bus.
 */
@NullMarked
package dev.parlor.nats.command;

import org.jspecify.annotations.NullMarked;
