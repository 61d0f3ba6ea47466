/** Tests of the connection to a cluster. */
@NullMarked
package dev.parlor.nats.client;

import org.jspecify.annotations.NullMarked;
