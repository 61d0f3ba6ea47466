/**
 * Marks which documents native code is processing, in a file that survives the death of the
 * process. A document whose marker is found at the next start is kept from native code [AD8].
 *
 * <p>Called on the platform threads that call native code; can be read from any thread. It uses
 * storage and identities, and never imports {@code document}, {@code socket} or Automerge.
 */
@NullMarked
package dev.parlor.relay.quarantine;

import org.jspecify.annotations.NullMarked;
