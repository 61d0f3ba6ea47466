package dev.parlor.apps.transform;

import dev.parlor.crdt.identity.Bytes;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Turns JSX and TypeScript into JavaScript. Safe from any thread. */
public interface SourceTransformer {

  /**
   * Transforms one file.
   *
   * @param fileName for messages, and its extension chooses the syntax: jsx, ts, tsx, js, mjs
   * @return fails with {@code transform-failed} (file, line, column) for a source that does not
   *     compile, with {@code unavailable} if the transformer cannot run
   */
  CompletableFuture<Module> toJavaScript(String fileName, Bytes source);

  /**
   * A JavaScript module.
   *
   * @param imports the names that it imports from each specifier, as written; {@code *} for a
   *     namespace, {@code default} for the default export, empty for an import without names
   */
  record Module(Bytes javaScript, Map<String, Set<String>> imports) {
    public Module {
      imports = Map.copyOf(imports);
    }
  }
}
