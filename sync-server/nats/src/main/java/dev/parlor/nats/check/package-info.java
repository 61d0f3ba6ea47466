/**
 * Looks at a cluster and says in sentences what is wrong: {@code StartCheck} before a node starts,
 * {@code ClusterCheck} for {@code ./parlor cluster check}, {@code LogProbe} and {@code ClockCheck}
 * while a node runs.
 *
 * <p>The two checks block the thread of the caller. {@code LogProbe} has a virtual thread, which
 * also compares the clocks.
 *
 * <p>This package never imports {@code nodes} or {@code command}. All that it stores in a cluster
 * is messages that no node reads as changes.
 */
@NullMarked
package dev.parlor.nats.check;

import org.jspecify.annotations.NullMarked;
