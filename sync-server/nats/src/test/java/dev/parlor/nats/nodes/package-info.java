/** Tests of the messages between nodes, on real servers of NATS. */
@NullMarked
package dev.parlor.nats.nodes;

import org.jspecify.annotations.NullMarked;
