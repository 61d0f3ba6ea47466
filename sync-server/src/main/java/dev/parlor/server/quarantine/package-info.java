/**
 * Which document's bytes are in the hands of native code, noted where the death of the process
 * cannot take it away, and which documents are therefore kept away from it [AD8].
 *
 * <p>Called on the platform threads that call native code; reads from any thread. Knows storage and
 * identities; never imports {@code relay}, {@code rooms}, {@code socket}, {@code http} or
 * Automerge.
 */
@NullMarked
package dev.parlor.server.quarantine;

import org.jspecify.annotations.NullMarked;
