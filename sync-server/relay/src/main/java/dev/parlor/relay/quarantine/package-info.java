/**
 * Notes which document's bytes native code is processing, in a place that survives the death of the
 * process, and keeps the documents that were found there from native code [AD8].
 *
 * <p>Called on the platform threads that call native code; can be read from any thread. It uses
 * storage and identities, and never imports {@code document}, {@code socket} or Automerge.
 */
@NullMarked
package dev.parlor.relay.quarantine;

import org.jspecify.annotations.NullMarked;
