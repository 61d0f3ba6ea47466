package dev.parlor.client.store;

import dev.parlor.crdt.identity.DocumentId;
import java.nio.file.Path;

/** A fault of the offline store. The document stays usable, and its changes stay in memory. */
public sealed interface StoreProblem {

  /** The document of the fault. */
  DocumentId document();

  /** One sentence for a person. */
  default String describe() {
    return switch (this) {
      case Damaged(_, var bytes, var movedTo) ->
          bytes + " damaged bytes of the stored document were moved to " + movedTo;
      case NotWritten(_, var file, var reason) ->
          "the file " + file + " was not written; its changes are in memory: " + reason;
    };
  }

  /**
   * The file had bytes that are no intact chunk. The end of the process during an append leaves
   * such bytes at the end of the file.
   *
   * @param bytes the number of these bytes
   * @param movedTo the file that has these bytes now
   */
  record Damaged(DocumentId document, long bytes, Path movedTo) implements StoreProblem {}

  /**
   * The file cannot be written. The changes are written with the next change, and otherwise when
   * the file is forced to the disk.
   *
   * @param reason the message of the operating system
   */
  record NotWritten(DocumentId document, Path file, String reason) implements StoreProblem {}
}
