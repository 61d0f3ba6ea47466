/** Tests of the checks of a cluster, on real servers of NATS. */
@NullMarked
package dev.parlor.nats.check;

import org.jspecify.annotations.NullMarked;
