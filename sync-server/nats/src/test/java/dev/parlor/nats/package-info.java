/**
 * Tests on real servers of NATS, which the tests start and end themselves: {@code NatsServer} is
 * such a server, {@code CuttableLine} the network to it.
 */
@NullMarked
package dev.parlor.nats;

import org.jspecify.annotations.NullMarked;
