package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.transform.ImportMaps.ImportMap;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Import maps over a small set of packages. */
class VendoredPackagesTest {
  private static final String SET = "z7FneM7W4m8aQPahEZCbV2zA3AeQqKsxAXc73VxXmGqXL";
  private static final String BASE = "/~~vendor~~/" + SET + "/";
  // The SHA-384 of "export const a = 1;\n".
  private static final String HASH =
      "sha384-ahaEXmBsbkboBjx3r5Cwgp0YemMIe12Xuh6StMdeTQrr1ocwQmyv+hkfTwmx/5NP";

  @TempDir Path folder;
  private Optional<OutsidePackages> outside = Optional.empty();

  @Test
  @DisplayName(
      "A map has the imported packages, those that mount a component, and the hashes of their"
          + " files with the files that these import")
  void mapHasWhatIsImported() throws Exception {
    var map = map(Map.of("charts/old", Set.of("*"), "react", Set.of("useState")));

    assertEquals(
        Map.of(
            "charts/old", BASE + "charts.js",
            "react", BASE + "react.js",
            "react-dom/client", BASE + "react-dom-client.js"),
        fields(map, "imports"));
    assertEquals(
        Set.of(
            BASE + "charts.js",
            BASE + "react.js",
            BASE + "react-dom-client.js",
            BASE + "chunks/A.js",
            BASE + "chunks/B.js"),
        fields(map, "integrity").keySet());
    assertEquals("sha384-charts", fields(map, "integrity").get(BASE + "charts.js"));
    assertEquals(List.of(), map.warnings());
    assertEquals(List.of(), map.assets());
  }

  @Test
  @DisplayName(
      "a package on the operator's list is mapped to the other host with a warning, beside the React of this server; all others stay here")
  void packagesOfAnotherHost() throws Exception {
    outside =
        Optional.of(
            OutsidePackages.of(
                URI.create("https://esm.sh"), List.of("three@0.180.0", "@scope/a.b", "react")));
    var map =
        map(
            Map.of(
                "three", Set.of("*"),
                "three/addons/x.js", Set.of("*"),
                "@scope/a.b", Set.of("default"),
                "three/../evil", Set.of("*"),
                "three@9", Set.of("*"),
                "unlisted", Set.of("*"),
                "react", Set.of("useState")));
    var query = "?external=react,react-dom";
    var urls = fields(map, "imports");
    assertEquals("https://esm.sh/three@0.180.0" + query, urls.get("three"));
    assertEquals("https://esm.sh/three@0.180.0/addons/x.js" + query, urls.get("three/addons/x.js"));
    assertEquals("https://esm.sh/@scope/a.b" + query, urls.get("@scope/a.b"));
    assertEquals(BASE + "react.js", urls.get("react"));
    assertEquals(BASE + "react-dom-client.js", urls.get("react-dom/client"));
    for (var other : List.of("three/../evil", "three@9", "unlisted")) {
      assertTrue(String.valueOf(urls.get(other)).startsWith("/~~calculated~~/"), other);
    }
    assertTrue(
        map.warnings()
            .contains("\"three\" is not on this server; browsers load it from https://esm.sh"),
        map.warnings().toString());
  }

  @Test
  @DisplayName("A map for modules without React does not have React")
  void reactIsOnlyAddedToReact() throws Exception {
    assertEquals(
        Map.of("charts", BASE + "charts.js"),
        fields(map(Map.of("charts", Set.of("Chart"))), "imports"));
    assertEquals(Map.of(), fields(map(Map.of()), "imports"));
  }

  @Test
  @DisplayName("An unknown package maps to a module with the imported names, and gives a warning")
  void unknownPackageIsReplaced() throws Exception {
    var map = map(Map.of("find-up", Set.of("*", "findUp", "x-y"), "left-pad", Set.of()));

    assertEquals(
        List.of(
            "\"find-up\" is not on this server; there are charts, react, react-dom",
            "\"left-pad\" is not on this server; there are charts, react, react-dom"),
        map.warnings());
    var module = map.assets().getFirst();
    assertEquals(ImportMaps.pathOf(module), fields(map, "imports").get("find-up"));
    var text = module.toUtf8();
    assertTrue(
        text.contains("export { missing as default, missing as findUp, missing as \"x-y\" };"),
        text);
    assertTrue(text.contains("\"\\\"find-up\\\" is not on this server; there are"), text);
    assertFalse(
        fields(map, "integrity").keySet().contains(ImportMaps.pathOf(module)),
        "the release itself vouches for its files");
  }

  @Test
  @DisplayName("An unknown part of a known package names the parts that are there")
  void unknownPartNamesTheOthers() throws Exception {
    var map = map(Map.of("react-dom/server", Set.of("renderToString")));

    assertEquals(
        List.of("\"react-dom/server\" is not on this server; there are react-dom/client"),
        map.warnings());
  }

  @Test
  @DisplayName("A name that a package does not export is added to it, and gives a warning")
  void missingExportIsAdded() throws Exception {
    var map = map(Map.of("charts", Set.of("Chart", "Chrat", "default")));

    assertEquals(List.of("\"charts\" has no export \"Chrat\", \"default\""), map.warnings());
    var text = map.assets().getFirst().toUtf8();
    assertTrue(text.startsWith("export * from \"" + BASE + "charts.js\";\nconst sentence"), text);
    assertTrue(text.endsWith("export { missing as Chrat, missing as default };\n"), text);
    assertTrue(fields(map, "integrity").containsKey(BASE + "charts.js"));
  }

  @Test
  @DisplayName("A namespace of a known package may be asked for any name")
  void namespaceNeedsNoModule() throws Exception {
    var map = map(Map.of("charts", Set.of("*", "Chrat")));

    assertEquals(List.of(), map.warnings());
    assertEquals(BASE + "charts.js", fields(map, "imports").get("charts"));
  }

  @Test
  @DisplayName("A specifier cannot end the script element of the map")
  void mapIsSafeInAPage() throws Exception {
    var map = map(Map.of("</script><script>alert(1)", Set.of("<b>")));

    assertFalse(map.json().toUtf8().contains("<"), map.json().toUtf8());
    assertTrue(fields(map, "imports").containsKey("</script><script>alert(1)"));
  }

  @Test
  @DisplayName("A release with imports from 201 packages is refused")
  void importsAreBounded() throws Exception {
    var imports = new TreeMap<String, Set<String>>();
    for (var number = 0; number < 200; number++) {
      imports.put("p" + number, Set.of());
    }
    assertEquals(200, map(imports).assets().size());
    imports.put("one-more", Set.of());

    var error = assertThrows(ExecutionException.class, () -> map(imports));

    assertEquals(
        ErrorCode.TOO_LARGE, assertInstanceOf(AppsException.class, error.getCause()).code());
  }

  @Test
  @DisplayName("A file is found by the id of the set and its path, with its compressed copy")
  void fileIsFound() throws Exception {
    var packages = packages();

    var file = packages.find(SET + "/react.js").orElseThrow();
    assertEquals("export const a = 1;\n", file.content().toUtf8());
    assertEquals("text/javascript; charset=utf-8", file.mediaType());
    assertEquals(Optional.of(Bytes.utf8("compressed")), file.brotli());
    var index = packages.find("index.json").orElseThrow();
    assertEquals("application/json", index.mediaType());
    assertEquals(SET, new ObjectMapper().readTree(index.content().toUtf8()).get("set").asText());
    assertTrue(packages.paths().contains("react.js"));
  }

  @Test
  @DisplayName("A path outside the set, and a file that does not match its hash, are not found")
  void otherPathsAreNotFound() throws Exception {
    var packages = packages();
    for (var path :
        List.of(
            "react.js",
            SET + "/../react.js",
            SET + "//react.js",
            SET + "/index.json",
            SET + "/react.js.br",
            SET + "/secret.txt",
            SET + "/charts.js",
            SET.replace('7', '8') + "/react.js",
            "")) {
      assertEquals(Optional.empty(), packages.find(path), path);
    }
  }

  @Test
  @DisplayName("Without a built set, every package is unknown and the operator reads why")
  void emptySet() throws Exception {
    var packages = new VendoredPackages(new URLClassLoader(new URL[0], null), Optional.empty());

    var map = packages.map(Map.of("react", Set.of("useState"))).get(60, TimeUnit.SECONDS);

    assertEquals(List.of("\"react\" is not on this server; it has no packages"), map.warnings());
    assertTrue(packages.missing().orElseThrow().contains("./parlor build"));
    assertEquals(Optional.empty(), packages.find("index.json"));
    assertEquals(Optional.empty(), packages.setId());
  }

  private ImportMap map(Map<String, Set<String>> imports) throws Exception {
    return packages().map(imports).get(60, TimeUnit.SECONDS);
  }

  private static Map<String, String> fields(ImportMap map, String name) throws IOException {
    var fields = new TreeMap<String, String>();
    JsonNode node = new ObjectMapper().readTree(map.json().toUtf8()).get(name);
    node.properties().forEach(one -> fields.put(one.getKey(), one.getValue().asText()));
    return fields;
  }

  private VendoredPackages packages() throws IOException {
    var vendor = Files.createDirectories(folder.resolve("vendor"));
    Files.writeString(
        vendor.resolve("index.json"),
        """
        {"set": "SET", "packages": {
          "charts": {"url": "BASEcharts.js", "integrity": "sha384-charts", "exports": ["Chart"]},
          "charts/old": {"url": "BASEcharts.js", "integrity": "sha384-charts", "sameAs": "charts"},
          "react": {"url": "BASEreact.js", "integrity": "HASH", "exports": ["useState", "default"]},
          "react-dom/client": {"url": "BASEreact-dom-client.js", "integrity": "x", "exports": []}
        }, "files": {
          "charts.js": {"integrity": "sha384-charts", "imports": ["chunks/A.js"]},
          "chunks/A.js": {"integrity": "sha384-a", "imports": ["chunks/B.js"]},
          "chunks/B.js": {"integrity": "sha384-b", "imports": ["chunks/A.js"]},
          "chunks/C.js": {"integrity": "sha384-c", "imports": []},
          "react.js": {"integrity": "HASH", "imports": ["chunks/B.js"]},
          "react-dom-client.js": {"integrity": "x", "imports": []}
        }}
        """
            .replace("BASE", BASE)
            .replace("SET", SET)
            .replace("HASH", HASH));
    Files.writeString(vendor.resolve("react.js"), "export const a = 1;\n");
    Files.writeString(vendor.resolve("react.js.br"), "compressed");
    Files.writeString(vendor.resolve("charts.js"), "does not match");
    Files.writeString(vendor.resolve("secret.txt"), "not listed");
    return new VendoredPackages(
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, null), outside);
  }
}
