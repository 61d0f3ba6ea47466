/** Tests of the commands of {@code ./parlor cluster}, on real servers of NATS. */
@NullMarked
package dev.parlor.nats.command;

import org.jspecify.annotations.NullMarked;
