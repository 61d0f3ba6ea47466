package dev.parlor.apps.release;

import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;

/**
 * A file as a client sends it.
 *
 * @param filename an absolute path, for example {@code /App.jsx}
 * @param entryPoint whether the client named it as the entry point
 * @param mimetype as the client gave it
 */
public record SourceFile(
    String filename, boolean entryPoint, Optional<String> mimetype, Content content) {

  /** What the file contains. */
  public sealed interface Content {

    /**
     * Source code.
     *
     * @param language for example {@code jsx}
     */
    record Code(String language, String text) implements Content {}

    /** A text: CSS, HTML, JSON. */
    record Text(String text) implements Content {}

    record Binary(Bytes bytes) implements Content {}

    /** The bytes of an asset that the same user stored before, by its content id. */
    record Reference(String refId) implements Content {}
  }
}
