/**
 * Tests of the documents of a cluster, on real servers of NATS; the fixtures of other tests too.
 */
@NullMarked
package dev.parlor.nats.store;

import org.jspecify.annotations.NullMarked;
