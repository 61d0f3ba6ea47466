/** Tests of the records outside documents, on real servers of NATS. */
@NullMarked
package dev.parlor.nats.records;

import org.jspecify.annotations.NullMarked;
