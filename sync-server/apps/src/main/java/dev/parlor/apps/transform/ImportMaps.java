package dev.parlor.apps.transform;

import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Makes import maps over the packages of this server. Safe from any thread. */
public interface ImportMaps {
  /** The path of generated modules in a release; the id of the module and {@code .js} follow. */
  String GENERATED_PATH = "/~~calculated~~/";

  /** The path of a generated module in the release, by which its import map names it. */
  static String pathOf(Bytes module) {
    return GENERATED_PATH + ContentId.of(module) + ".js";
  }

  /**
   * The import map for these imports. Relative paths and URLs need no entry. A package that this
   * server does not have is mapped to a module that throws when an import is used.
   *
   * @param imports as {@link SourceTransformer.Module#imports}
   */
  CompletableFuture<ImportMap> map(Map<String, Set<String>> imports);

  /**
   * An import map.
   *
   * @param json as browsers read it, with {@code integrity}
   * @param assets generated modules that it refers to; each becomes a file of the release at its
   *     {@link #pathOf}
   * @param warnings a sentence about each package that is not on this server
   */
  record ImportMap(Bytes json, List<Bytes> assets, List<String> warnings) {
    public ImportMap {
      assets = List.copyOf(assets);
      warnings = List.copyOf(warnings);
    }
  }
}
