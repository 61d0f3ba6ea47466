/**
 * The policy of documents that are not rooms: a JSON file says who may write where, and {@link
 * dev.parlor.relay.policy.PolicyCheck} checks each operation of a change against it [AD6].
 *
 * <p>The file is read once at the start. The checks run in the document's worker; no clock, no
 * sockets. Never imports {@code document}, {@code socket}, {@code storage}, Helidon or Automerge.
 */
@NullMarked
package dev.parlor.relay.policy;

import org.jspecify.annotations.NullMarked;
