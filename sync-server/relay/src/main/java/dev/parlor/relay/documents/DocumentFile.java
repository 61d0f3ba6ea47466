package dev.parlor.relay.documents;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import java.util.ArrayList;
import java.util.stream.Collectors;

/**
 * Documents as {@code .automerge} files: a document chunk and change chunks after it, or change
 * chunks only. Every version of Automerge loads such chunks one after the other. Pure.
 */
final class DocumentFile {

  private DocumentFile() {}

  /**
   * The file of the newest state.
   *
   * @param history all changes of the stored document
   */
  static Bytes ofNewest(StoredDocument stored, History history) {
    if (stored.snapshot().isEmpty()) {
      return of(history);
    }
    var known = history.changes().stream().map(ChangeChunk::hash).collect(Collectors.toSet());
    var parts = new ArrayList<Bytes>();
    parts.add(stored.snapshot().get());
    stored.tail().stream()
        .filter(record -> known.contains(record.hash()))
        .forEach(record -> parts.add(record.chunk()));
    return Bytes.concat(parts);
  }

  /** The file of these changes. */
  static Bytes of(History history) {
    return Bytes.concat(history.changes().stream().map(ChangeChunk::plain).toList());
  }
}
