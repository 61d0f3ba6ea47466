package dev.parlor.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.transform.ImportMaps;
import dev.parlor.apps.transform.SourceTransformer;
import dev.parlor.contexts.ContextChat;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Stands in for the parts of apps that this server does not have yet. A call that needs such a part
 * fails with {@code unavailable} and names it.
 */
final class MissingAppParts implements SourceTransformer, ImportMaps, ContextChat {

  /** JavaScript without the word {@code import} is served as it is. */
  @Override
  public CompletableFuture<Module> toJavaScript(String fileName, Bytes source) {
    var isJavaScript = fileName.endsWith(".js") || fileName.endsWith(".mjs");
    if (isJavaScript && !source.toUtf8().contains("import")) {
      return CompletableFuture.completedFuture(new Module(source, Map.of()));
    }
    return unavailable(
        "this server cannot compile JSX and TypeScript yet; deploy HTML, CSS and JavaScript without"
            + " imports");
  }

  /** An app without imports has an empty map. */
  @Override
  public CompletableFuture<ImportMap> map(Map<String, Set<String>> imports) {
    return imports.isEmpty()
        ? CompletableFuture.completedFuture(
            new ImportMap(Bytes.utf8("{\"imports\":{}}"), List.of(), List.of()))
        : unavailable("this server has no packages for imports yet");
  }

  @Override
  public CompletableFuture<Void> requirePlayer(String room, String userId) {
    return unavailable("this server cannot attach a context to a room yet");
  }

  /** Never called: no context is attached. */
  @Override
  public void show(String room, String userId, String origin, List<JsonNode> blocks) {}

  private static <T> CompletableFuture<T> unavailable(String sentence) {
    return CompletableFuture.failedFuture(AppsException.of(ErrorCode.UNAVAILABLE, sentence));
  }
}
