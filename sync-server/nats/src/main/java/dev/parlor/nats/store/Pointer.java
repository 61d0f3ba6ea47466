package dev.parlor.nats.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a document's content is: an object, and the entries of the log after a sequence. A pointer
 * is replaced only by a node that has read it, so that of several nodes one succeeds.
 *
 * @param version the version of this format
 * @param sequence the last sequence of the log that the object contains, or that was removed
 * @param stored whether the object has a snapshot or changes; an object may have records only
 * @param object the name of the object; null if there is none
 * @param parts the number of the object's messages
 * @param sha256 the SHA-256 of the object, in hexadecimal
 * @param snapshot names the object that first had this snapshot; null if there is no snapshot
 * @param previous the object of the pointer before, which is deleted with the next replacement
 * @param nonce makes the pointer different from all others
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Pointer(
    int version,
    long sequence,
    boolean stored,
    @Nullable String object,
    int parts,
    @Nullable String sha256,
    @Nullable String snapshot,
    @Nullable String previous,
    String nonce) {

  static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The pointer of a document that was never folded. */
  static final Pointer NONE = new Pointer(VERSION, 0, false, null, 0, null, null, null, "");

  /** The pointer of a document without content. */
  static Pointer empty(long sequence, @Nullable String previous, String nonce) {
    return new Pointer(VERSION, sequence, false, null, 0, null, null, previous, nonce);
  }

  /**
   * The same content in another message, which a writer that knows only this one cannot replace.
   */
  Pointer renamed(String other) {
    return new Pointer(version, sequence, stored, object, parts, sha256, snapshot, previous, other);
  }

  byte[] encode() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a pointer has a JSON form", e);
    }
  }

  static Pointer decode(Bytes stored) throws IOException {
    var pointer = JSON.readValue(stored.toArray(), Pointer.class);
    if (pointer.version != VERSION) {
      throw new IOException(
          "a newer version of Parlor wrote this document (version "
              + pointer.version
              + "); run the same version on all nodes");
    }
    return pointer;
  }
}
