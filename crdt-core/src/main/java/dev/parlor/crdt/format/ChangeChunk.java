package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;

/**
 * One change as Automerge stores and sends it: the fields of its header, its operations as opaque
 * columns, and the bytes of the whole chunk. {@link ChangeCodec} computes the hash from these
 * bytes.
 *
 * <p>Source: Automerge binary document format, "Change chunks".
 *
 * @param hash SHA-256 over chunk type 1, length and contents of the plain form
 * @param actor the author
 * @param seq the actor's count of changes, from 1
 * @param startOp the counter of the first operation, from 1
 * @param time milliseconds or seconds since the epoch, as the author chose; untrusted
 * @param message the commit message, empty when there is none
 * @param deps the hashes of the changes that this change directly depends on, strictly ascending
 * @param otherActors other actors whose operations this change refers to, strictly ascending
 * @param columns the column table, columns and extra bytes; a slice of {@code plain}
 * @param plain the whole chunk in plain form (type 1), magic bytes included; may be a slice of the
 *     decoded input
 */
public record ChangeChunk(
    ChangeHash hash,
    ActorId actor,
    long seq,
    long startOp,
    long time,
    String message,
    List<ChangeHash> deps,
    List<ActorId> otherActors,
    Bytes columns,
    Bytes plain) {

  public ChangeChunk {
    deps = List.copyOf(deps);
    otherActors = List.copyOf(otherActors);
  }
}
