/**
 * Decides which changes a caller may make: the limits of a document, the permissions of each role,
 * and the ports {@link dev.parlor.relay.admission.DocumentPolicy} and {@link
 * dev.parlor.relay.admission.ChangePolicy}, through which an application restricts its documents.
 *
 * <p>Called by a document's worker; no clock, no files, no sockets. Never imports {@code document},
 * {@code socket}, {@code storage} or Automerge.
 */
@NullMarked
package dev.parlor.relay.admission;

import org.jspecify.annotations.NullMarked;
