package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The real set of packages, as {@code ./parlor build} makes it. */
class BuiltPackagesTest {

  @Test
  @DisplayName("Every listed file is there, matches its hash, and imports only listed files")
  void everyFileIsThere() throws Exception {
    var set = VendoredSet.load(BuiltPackages.resources()).orElseThrow();

    for (var path : set.paths()) {
      var file = set.file(path).orElseThrow(() -> new AssertionError(path));
      assertEquals(path.endsWith(".js"), file.brotli().isPresent(), path);
      set.integrity(Set.of(path)); // Throws for an import that is not listed.
    }
    var notices = set.file("NOTICES.txt").orElseThrow().bytes().toUtf8();
    for (var name : List.of("react 19.3.1 (MIT)", "three 0.187.0 (MIT)", "lucide-react 1.81.0")) {
      assertTrue(notices.contains(name), name);
    }
  }

  @Test
  @DisplayName("The usual imports of generated apps are in the set with these names")
  void usualImportsAreThere() throws Exception {
    var imports = new TreeMap<String, Set<String>>();
    imports.put("react", Set.of("default", "useState", "useEffect", "createElement", "Suspense"));
    imports.put("react/jsx-runtime", Set.of("jsx", "jsxs", "Fragment"));
    imports.put("react-dom", Set.of("createPortal", "default"));
    imports.put("react-dom/client", Set.of("createRoot", "default"));
    imports.put("lucide-react", Set.of("Heart", "Trash2", "Plus"));
    imports.put("recharts", Set.of("LineChart", "Line", "ResponsiveContainer", "Tooltip"));
    imports.put("motion/react", Set.of("motion", "AnimatePresence"));
    imports.put("framer-motion", Set.of("motion"));
    imports.put("zustand", Set.of("create"));
    imports.put("zustand/middleware", Set.of("persist"));
    imports.put("d3", Set.of("scaleLinear", "select"));
    imports.put("d3-scale", Set.of("scaleLinear"));
    imports.put("three", Set.of("Scene", "WebGLRenderer"));
    imports.put("three/addons/controls/OrbitControls.js", Set.of("OrbitControls"));
    imports.put("chart.js", Set.of("Chart", "registerables"));
    imports.put("chart.js/auto", Set.of("default", "Chart"));
    imports.put("marked", Set.of("marked"));
    imports.put("date-fns", Set.of("format", "addDays"));
    imports.put("date-fns/locale", Set.of("de"));
    imports.put("lodash-es", Set.of("debounce", "default"));
    imports.put("lodash", Set.of("default"));
    imports.put("clsx", Set.of("clsx", "default"));
    imports.put("uuid", Set.of("v4"));
    imports.put("nanoid", Set.of("nanoid"));
    imports.put("canvas-confetti", Set.of("default"));
    imports.put("papaparse", Set.of("default", "parse", "unparse"));
    imports.put("@tailwindcss/browser", Set.of());

    var map = BuiltPackages.load().map(imports).get(60, TimeUnit.SECONDS);
    assertEquals(List.of(), map.warnings());
    assertEquals(List.of(), map.assets());
  }

  @Test
  @DisplayName("A map for a plain component has the four specifiers of React and few files")
  void mapOfAPlainComponentIsSmall() throws Exception {
    var map =
        BuiltPackages.load()
            .map(Map.of("react", Set.of("useState")))
            .get(60, TimeUnit.SECONDS);

    assertTrue(map.json().length() < 2_500, () -> map.json().toUtf8());
  }
}
