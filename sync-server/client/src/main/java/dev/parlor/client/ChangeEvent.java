package dev.parlor.client;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;

/**
 * Changes entered a document.
 *
 * @param handle reads the document, which may have changed again since
 * @param before the heads before these changes
 * @param after the heads after these changes
 * @param isLocal whether this program made the change; otherwise the server brought it
 */
public record ChangeEvent(
    DocumentHandle handle, List<ChangeHash> before, List<ChangeHash> after, boolean isLocal) {
  public ChangeEvent {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }
}
