package dev.parlor.apps.transform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.content.MediaTypes;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The set of packages that the build put into the resource folder {@code vendor}. It reads the
 * index at once and each file when it is first wanted; files stay in memory. Safe from any thread.
 */
final class VendoredSet {
  private static final Logger LOG = LoggerFactory.getLogger(VendoredSet.class);
  private static final String FOLDER = "vendor/";

  /**
   * A specifier that apps may import.
   *
   * @param path of its file in the set
   * @param exports the names that the module exports
   * @param alias whether another specifier is the usual name of the module
   */
  record Entry(String path, Set<String> exports, boolean alias) {}

  /** A file: its hash as browsers check it, and the files that it imports. */
  record Listed(String integrity, List<String> imports) {}

  private final ClassLoader resources;
  private final ContentId id;
  private final Bytes index;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final Map<String, Listed> files = new TreeMap<>();
  private final Map<String, Optional<VendoredFiles.File>> read = new ConcurrentHashMap<>();

  private VendoredSet(ClassLoader resources, Bytes index, JsonNode root) {
    this.resources = resources;
    this.index = index;
    this.id = new ContentId(root.required("set").asText());
    var prefix = urlOf("");
    var packages = root.required("packages");
    packages
        .properties()
        .forEach(
            one -> {
              var sameAs = one.getValue().path("sameAs").asText();
              var usual = sameAs.isEmpty() ? one.getValue() : packages.required(sameAs);
              var url = usual.required("url").asText();
              if (!url.startsWith(prefix)) {
                throw new IllegalArgumentException("not a URL of the set: " + url);
              }
              entries.put(
                  one.getKey(),
                  new Entry(
                      url.substring(prefix.length()),
                      Set.copyOf(texts(usual.required("exports"))),
                      !sameAs.isEmpty()));
            });
    root.required("files")
        .properties()
        .forEach(
            one ->
                files.put(
                    one.getKey(),
                    new Listed(
                        one.getValue().required("integrity").asText(),
                        texts(one.getValue().required("imports")))));
  }

  /** The set of these resources; empty if they have none, since the build did not make it. */
  static Optional<VendoredSet> load(ClassLoader resources) {
    try {
      var index = resource(resources, "index.json");
      return index.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new VendoredSet(
                  resources, index.get(), new ObjectMapper().readTree(index.get().toUtf8())));
    } catch (IOException e) {
      throw new UncheckedIOException("the index of the vendored packages cannot be read", e);
    }
  }

  ContentId id() {
    return id;
  }

  Bytes index() {
    return index;
  }

  Optional<Entry> entry(String specifier) {
    return Optional.ofNullable(entries.get(specifier));
  }

  /** The specifiers without aliases, in order. */
  List<String> specifiers() {
    return entries.entrySet().stream()
        .filter(one -> !one.getValue().alias())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The paths of all files, in order. */
  List<String> paths() {
    return List.copyOf(files.keySet());
  }

  /** The URL of a file. */
  String urlOf(String path) {
    return VendoredPackages.URL_PREFIX + id + "/" + path;
  }

  /** The hashes of these files, and of the files that they import, by path. */
  Map<String, String> integrity(Set<String> paths) {
    var found = new LinkedHashSet<>(new TreeSet<>(paths));
    var queue = new ArrayDeque<>(found);
    while (!queue.isEmpty()) {
      for (var imported : listed(queue.removeFirst()).imports()) {
        if (found.add(imported)) {
          queue.add(imported);
        }
      }
    }
    var hashes = new TreeMap<String, String>();
    found.forEach(path -> hashes.put(path, listed(path).integrity()));
    return hashes;
  }

  private Listed listed(String path) {
    var listed = files.get(path);
    if (listed == null) {
      throw new IllegalStateException("the index of the vendored packages lacks " + path);
    }
    return listed;
  }

  /** A file of the set; empty if it does not exist, or if its bytes do not match its hash. */
  Optional<VendoredFiles.File> file(String path) {
    return files.containsKey(path) ? read.computeIfAbsent(path, this::readFile) : Optional.empty();
  }

  private Optional<VendoredFiles.File> readFile(String path) {
    try {
      var bytes = resource(resources, path);
      if (bytes.isEmpty() || !integrityOf(bytes.get()).equals(listed(path).integrity())) {
        LOG.error("the vendored file {} does not match its hash; it is not served", path);
        return Optional.empty();
      }
      return Optional.of(
          new VendoredFiles.File(
              bytes.get(), MediaTypes.ofName(path), resource(resources, path + ".br")));
    } catch (IOException e) {
      throw new UncheckedIOException("a vendored file cannot be read", e);
    }
  }

  private static String integrityOf(Bytes content) {
    try {
      var digest = MessageDigest.getInstance("SHA-384");
      content.update(digest);
      return "sha384-" + Base64.getEncoder().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-384", e);
    }
  }

  private static Optional<Bytes> resource(ClassLoader resources, String path) throws IOException {
    try (var in = resources.getResourceAsStream(FOLDER + path)) {
      return in == null ? Optional.empty() : Optional.of(Bytes.wrap(in.readAllBytes()));
    }
  }

  private static List<String> texts(JsonNode list) {
    var texts = new ArrayList<String>();
    list.forEach(one -> texts.add(one.asText()));
    return List.copyOf(texts);
  }
}
