package dev.parlor.client;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.wire.CborValues;
import java.util.Map;

/**
 * A message of another client about a document, which no server stores.
 *
 * @param sender the author's peer id, which the author chose; it proves no identity
 * @param session the author's session
 * @param data the message in CBOR
 */
public record EphemeralMessage(
    DocumentHandle handle, PeerId sender, SessionId session, Bytes data) {

  /**
   * The message, if it is a map with text keys; otherwise an empty map. Values are maps, lists,
   * texts, numbers, booleans, {@link Bytes} and null.
   */
  public Map<?, ?> content() {
    return CborValues.map(data);
  }
}
