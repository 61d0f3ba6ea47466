package dev.parlor.apps.transform;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The packages that this server has for apps. Their files have URLs below {@code /~~vendor~~/}, the
 * same on every host of the server, and never change under a URL. Safe from any thread; a file is
 * read on the caller's thread.
 */
public final class VendoredPackages implements ImportMaps, VendoredFiles {
  /** The path of all vendored files; the id of the set and the file's path in it follow. */
  public static final String URL_PREFIX = "/~~vendor~~/";

  private static final String INDEX = "index.json";
  private static final String MISSING =
      "the packages for published apps are not built; ./parlor build makes them";

  /** The specifiers that the page of an app needs to mount a component. */
  private static final List<String> MOUNT =
      List.of("react", "react-dom", "react-dom/client", "react/jsx-runtime");

  private final Optional<VendoredSet> set;
  private final Optional<OutsidePackages> outside;

  /**
   * The packages in the resource folder {@code vendor}; none if the build did not make it.
   *
   * @param outside the packages that browsers load from elsewhere
   */
  public VendoredPackages(ClassLoader resources, Optional<OutsidePackages> outside) {
    this.set = VendoredSet.load(resources);
    this.outside = outside;
  }

  @Override
  public Optional<String> outsideOrigin() {
    return outside.map(OutsidePackages::origin);
  }

  /** The reason why there are no packages, for the operator; empty if there are. */
  public Optional<String> missing() {
    return set.isPresent() ? Optional.empty() : Optional.of(MISSING);
  }

  /** The id of the set; empty if there are no packages. */
  public Optional<ContentId> setId() {
    return set.map(VendoredSet::id);
  }

  /** {@inheritDoc} Of a set of another version, no file is found. */
  @Override
  public Optional<File> find(String path) {
    return set.flatMap(
        found -> {
          if (path.equals(INDEX)) {
            return Optional.of(new File(found.index(), "application/json", Optional.empty()));
          }
          var prefix = found.id() + "/";
          return path.startsWith(prefix)
              ? found.file(path.substring(prefix.length()))
              : Optional.empty();
        });
  }

  /** The paths of all files in the set. */
  public List<String> paths() {
    return set.map(VendoredSet::paths).orElse(List.of());
  }

  @Override
  public CompletableFuture<ImportMap> map(Map<String, Set<String>> imports) {
    if (imports.size() > AppLimits.IMPORTS_MAX) {
      return CompletableFuture.failedFuture(
          AppsException.of(
              ErrorCode.TOO_LARGE,
              "a release imports from at most " + AppLimits.IMPORTS_MAX + " packages"));
    }
    var builder = new Builder();
    if (MOUNT.stream().anyMatch(imports::containsKey)) {
      MOUNT.forEach(builder::mount);
    }
    new TreeMap<>(imports).forEach(builder::add);
    return CompletableFuture.completedFuture(builder.build());
  }

  /** One map in the making. */
  private final class Builder {
    private final Map<String, String> urls = new TreeMap<>();
    private final Set<String> paths = new TreeSet<>();
    private final List<Bytes> assets = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    void mount(String specifier) {
      entry(specifier).ifPresent(found -> put(specifier, found));
    }

    void add(String specifier, Set<String> names) {
      var found = entry(specifier);
      var elsewhere = outside.flatMap(packages -> packages.url(specifier));
      if (found.isEmpty() && elsewhere.isPresent()) {
        urls.put(specifier, elsewhere.get());
        // The package may import React, and takes the React of this server then.
        MOUNT.forEach(this::mount);
        warnings.add(
            "\"" + specifier + "\" is not on this server; browsers load it from " + origin());
        return;
      }
      if (found.isEmpty()) {
        var sentence = notHere(specifier);
        warnings.add(sentence);
        putModule(specifier, MissingModules.ofPackage(sentence, names));
        return;
      }
      put(specifier, found.get());
      // A namespace may be asked for any name, and only answers undefined.
      var lacking = new TreeSet<>(names.contains("*") ? Set.of() : names);
      lacking.removeAll(found.get().exports());
      if (!lacking.isEmpty()) {
        var sentence =
            "\"" + specifier + "\" has no export \"" + String.join("\", \"", lacking) + "\"";
        warnings.add(sentence);
        putModule(
            specifier,
            MissingModules.around(
                urls.getOrDefault(specifier, ""),
                found.get().exports().contains("default"),
                sentence,
                lacking));
      }
    }

    private String origin() {
      return outsideOrigin().orElse("");
    }

    private Optional<VendoredSet.Entry> entry(String specifier) {
      return set.flatMap(found -> found.entry(specifier));
    }

    private void put(String specifier, VendoredSet.Entry entry) {
      urls.put(specifier, set.orElseThrow().urlOf(entry.path()));
      paths.add(entry.path());
    }

    private void putModule(String specifier, Bytes module) {
      urls.put(specifier, ImportMaps.pathOf(module));
      assets.add(module);
    }

    ImportMap build() {
      var json = JsonNodeFactory.instance.objectNode();
      var imported = json.putObject("imports");
      urls.forEach(imported::put);
      var integrity = json.putObject("integrity");
      set.ifPresent(
          found ->
              found
                  .integrity(paths)
                  .forEach((path, hash) -> integrity.put(found.urlOf(path), hash)));
      // The map is also written into a page, where no specifier may end its script element.
      return new ImportMap(Bytes.utf8(json.toString().replace("<", "\\u003c")), assets, warnings);
    }
  }

  private String notHere(String specifier) {
    var all = set.map(VendoredSet::specifiers).orElse(List.of());
    if (all.isEmpty()) {
      return "\"" + specifier + "\" is not on this server; it has no packages";
    }
    var wanted = packageOf(specifier);
    var parts = all.stream().filter(one -> packageOf(one).equals(wanted)).toList();
    var there =
        parts.isEmpty() ? all.stream().map(VendoredPackages::packageOf).distinct().toList() : parts;
    return "\"" + specifier + "\" is not on this server; there are " + String.join(", ", there);
  }

  private static String packageOf(String specifier) {
    var parts = specifier.split("/", 3);
    return specifier.startsWith("@") && parts.length > 1 ? parts[0] + "/" + parts[1] : parts[0];
  }
}
