package dev.parlor.apps.release;

import dev.parlor.apps.asset.AssetStore;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.content.MediaTypes;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.release.CheckedFiles.Checked;
import dev.parlor.apps.release.ReleasedFile.Transform;
import dev.parlor.apps.transform.ImportMaps;
import dev.parlor.apps.transform.SourceTransformer;
import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Builds the files of a release: stores the sources, transforms JSX and TypeScript, makes the
 * import map, and stores both. Blocks; runs on a virtual thread.
 */
final class ReleaseBuilder {
  private static final Set<String> TRANSFORMED = Set.of("jsx", "ts", "tsx");
  private static final Set<String> SCANNED = Set.of("js", "mjs");

  /** The first part of the path of a transformed file; the id of its source follows. */
  static final String TRANSFORMED_PATH = "/~~transformed~~/";

  static final String IMPORT_MAP_PATH = "/~~calculated~~/import-map.json";
  private static final String JAVASCRIPT = MediaTypes.ofName("a.js");

  private final AssetStore assets;
  private final SourceTransformer transformer;
  private final ImportMaps importMaps;

  ReleaseBuilder(AssetStore assets, SourceTransformer transformer, ImportMaps importMaps) {
    this.assets = assets;
    this.transformer = transformer;
    this.importMaps = importMaps;
  }

  /** A file with its bytes. */
  record Loaded(Checked file, Bytes bytes, ContentId id) {}

  /** The files of a release. */
  record Built(List<ReleasedFile> files, List<String> warnings) {}

  /**
   * Builds the files.
   *
   * @param entryPoint the file that the client named
   * @throws AppsException {@code transform-failed} for a source that does not compile
   */
  Built build(List<Loaded> sources, Optional<String> entryPoint) {
    var warnings = new ArrayList<String>();
    var modules = modules(sources, warnings);
    var importMap = Futures.await(importMaps.map(imports(modules)));
    warnings.addAll(importMap.warnings());
    var mapId = ContentId.of(importMap.json());
    var entry = entryPoint.or(() -> defaultEntry(sources));

    var stored = new ArrayList<CompletableFuture<ContentId>>();
    sources.forEach(source -> stored.add(assets.put(source.bytes())));
    importMap.assets().forEach(asset -> stored.add(assets.put(asset)));
    stored.add(assets.put(importMap.json()));

    var files = new ArrayList<ReleasedFile>();
    var generated = new ArrayList<ReleasedFile>();
    var importing = new ArrayList<ContentId>();
    for (var source : sources) {
      var name = source.file().name();
      var module = Optional.ofNullable(modules.get(name));
      var hasImports = module.filter(one -> !one.imports().isEmpty()).isPresent();
      if (hasImports) {
        importing.add(source.id());
      }
      Optional<Transform> transform = Optional.empty();
      if (TRANSFORMED.contains(MediaTypes.extension(name))) {
        var javaScript = module.orElseThrow().javaScript();
        stored.add(assets.put(javaScript));
        var id = ContentId.of(javaScript);
        transform = Optional.of(new Transform.JsxToJs(id));
        generated.add(
            generated(TRANSFORMED_PATH + source.id(), javaScript, new Transform.Transformed(id)));
      } else if (hasImports) {
        transform = Optional.of(new Transform.Imports(mapId));
      }
      files.add(released(source, entry.filter(name::equals).isPresent(), transform));
    }
    for (var asset : importMap.assets()) {
      generated.add(generated(ImportMaps.pathOf(asset), asset, null));
    }
    files.addAll(generated);
    files.add(
        new ReleasedFile(
            IMPORT_MAP_PATH,
            "application/importmap+json",
            mapId,
            importMap.json().length(),
            false,
            Optional.of(new Transform.ImportMap(importing))));
    stored.forEach(Futures::await);
    return new Built(files, warnings);
  }

  private static ReleasedFile released(
      Loaded source, boolean isEntry, Optional<Transform> transform) {
    return new ReleasedFile(
        source.file().name(),
        source.file().mimeType(),
        source.id(),
        source.bytes().length(),
        isEntry,
        transform);
  }

  /** A file of JavaScript that the server made. */
  private static ReleasedFile generated(
      String path, Bytes javaScript, @Nullable Transform transform) {
    return new ReleasedFile(
        path,
        JAVASCRIPT,
        ContentId.of(javaScript),
        javaScript.length(),
        false,
        Optional.ofNullable(transform));
  }

  private static Map<String, Set<String>> imports(Map<String, SourceTransformer.Module> modules) {
    var imports = new TreeMap<String, Set<String>>();
    modules
        .values()
        .forEach(
            module ->
                module
                    .imports()
                    .forEach(
                        (from, names) ->
                            imports.computeIfAbsent(from, _ -> new TreeSet<>()).addAll(names)));
    return imports;
  }

  /** The JavaScript of each module by the name of its file. */
  private Map<String, SourceTransformer.Module> modules(
      List<Loaded> sources, List<String> warnings) {
    var running = new LinkedHashMap<String, CompletableFuture<SourceTransformer.Module>>();
    for (var source : sources) {
      var extension = MediaTypes.extension(source.file().name());
      if (TRANSFORMED.contains(extension) || SCANNED.contains(extension)) {
        running.put(
            source.file().name(), transformer.toJavaScript(source.file().name(), source.bytes()));
      }
    }
    var modules = new LinkedHashMap<String, SourceTransformer.Module>();
    running.forEach(
        (name, module) -> {
          try {
            modules.put(name, Futures.await(module));
          } catch (AppsException e) {
            if (e.code() != ErrorCode.UNAVAILABLE
                || TRANSFORMED.contains(MediaTypes.extension(name))) {
              throw e;
            }
            warnings.add("the imports of " + name + " were not read: " + e.text());
          }
        });
    return modules;
  }

  /** An index page, or else the usual module, or else the first module. */
  private static Optional<String> defaultEntry(List<Loaded> sources) {
    var names = sources.stream().map(source -> source.file().name()).toList();
    for (var usual : List.of("/index.html", "/App.jsx", "/App.tsx", "/App.js")) {
      if (names.contains(usual)) {
        return Optional.of(usual);
      }
    }
    return names.stream()
        .filter(name -> !MediaTypes.extension(name).equals("css"))
        .filter(
            name -> {
              var extension = MediaTypes.extension(name);
              return TRANSFORMED.contains(extension)
                  || SCANNED.contains(extension)
                  || extension.startsWith("htm");
            })
        .findFirst();
  }
}
