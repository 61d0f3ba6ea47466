/** Tests on real servers of NATS, which the tests start and end themselves. */
@NullMarked
package dev.parlor.nats;

import org.jspecify.annotations.NullMarked;
