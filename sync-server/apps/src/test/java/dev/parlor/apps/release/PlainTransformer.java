package dev.parlor.apps.release;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.transform.ImportMaps;
import dev.parlor.apps.transform.SourceTransformer;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A transformer for tests of the rules around it. It puts a comment before the source; a source
 * with the word BROKEN does not compile, and a source with the word REACT imports react.
 */
final class PlainTransformer implements SourceTransformer, ImportMaps {
  private boolean unavailable;

  /** From now on no source is transformed. */
  void stop() {
    unavailable = true;
  }

  @Override
  public CompletableFuture<Module> toJavaScript(String fileName, Bytes source) {
    if (unavailable) {
      return CompletableFuture.failedFuture(
          AppsException.of(ErrorCode.UNAVAILABLE, "esbuild is not installed"));
    }
    var text = source.toUtf8();
    if (text.contains("BROKEN")) {
      return CompletableFuture.failedFuture(
          AppsException.of(ErrorCode.TRANSFORM_FAILED, fileName + ":12:5: unexpected token")
              .with("file", fileName)
              .with("line", 12)
              .with("column", 5));
    }
    Map<String, Set<String>> imports =
        text.contains("REACT") ? Map.of("react", Set.of("useState")) : Map.of();
    return CompletableFuture.completedFuture(
        new Module(Bytes.utf8("// transformed\n" + text), imports));
  }

  @Override
  public CompletableFuture<ImportMap> map(Map<String, Set<String>> imports) {
    return CompletableFuture.completedFuture(
        new ImportMap(
            Bytes.utf8("{\"imports\":{" + String.join(",", imports.keySet()) + "}}"),
            List.of(),
            List.of()));
  }
}
