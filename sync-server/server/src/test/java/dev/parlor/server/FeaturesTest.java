package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Every test that {@code docs/features.md} names exists. */
class FeaturesTest {

  /** A file or class in backquotes, with a method or without. */
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private static final Pattern JAVA =
      Pattern.compile("(\\w+(?:Test|Properties|IT|Contract))(?:\\.(\\w+))?");
  private static final Pattern METHOD = Pattern.compile("\\.(\\w+)");
  private static final Pattern PAGE = Pattern.compile("[\\w/.-]+\\.(?:spec|test)\\.tsx?");

  /** The titles after the name of a page test, up to the next backquote. */
  private static final Pattern TITLE = Pattern.compile("\"([^\"`]+)\"");

  private static final Set<String> SKIPPED = Set.of("node_modules", "target", "dist", ".git");

  private static Path root() {
    var start = Path.of("").toAbsolutePath();
    for (var here = start; here != null; here = here.getParent()) {
      if (Files.exists(here.resolve("docs/features.md"))) {
        return here;
      }
    }
    throw new IllegalStateException("no docs/features.md above " + start);
  }

  /** The sources of all tests: a Java test by its class, a page test by its path. */
  private static Map<String, String> tests() throws IOException {
    var root = root();
    var sources = new TreeMap<String, String>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            var path = root.relativize(file).toString();
            if (path.contains("src/test/java/") && path.endsWith(".java")) {
              var name = file.getFileName().toString().replace(".java", "");
              var twice = sources.put(name, Files.readString(file));
              assertTrue(
                  twice == null || !JAVA.matcher(name).matches(),
                  name + " is the name of two tests");
            } else if (path.startsWith("web-ui/") && PAGE.matcher(path).matches()) {
              sources.put(path, Files.readString(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return sources;
  }

  private static List<String> missing(List<String> lines, Map<String, String> tests) {
    var missing = new ArrayList<String>();
    for (var line : lines) {
      var last = "";
      for (var code = CODE.matcher(line); code.find(); ) {
        var name = code.group(1);
        var java = JAVA.matcher(name);
        var method = METHOD.matcher(name);
        if (java.matches()) {
          last = java.group(1);
          if (!tests.containsKey(last)
              || (java.group(2) != null && !hasMethod(tests, last, java.group(2)))) {
            missing.add(name);
          }
        } else if (method.matches()) {
          if (!hasMethod(tests, last, method.group(1))) {
            missing.add(last + name);
          }
        } else if (PAGE.matcher(name).matches()) {
          missing.addAll(missingTitles(line.substring(code.end()), name, tests));
        }
      }
    }
    return missing;
  }

  /** Whether a class or a test class that it extends has a method. */
  private static boolean hasMethod(Map<String, String> tests, String name, String method) {
    var source = tests.getOrDefault(name, "");
    if (Pattern.compile("(?:void|boolean|Property) " + method + "\\(").matcher(source).find()) {
      return true;
    }
    var parent = Pattern.compile("class " + name + " extends (\\w+)").matcher(source);
    return parent.find() && hasMethod(tests, parent.group(1), method);
  }

  private static List<String> missingTitles(String rest, String file, Map<String, String> tests) {
    var sources =
        tests.entrySet().stream()
            .filter(test -> test.getKey().endsWith("/" + file))
            .map(Map.Entry::getValue)
            .toList();
    if (sources.isEmpty()) {
      return List.of(file);
    }
    var end = rest.indexOf('`');
    var own = end < 0 ? rest : rest.substring(0, end);
    return TITLE
        .matcher(own)
        .results()
        .map(title -> title.group(1))
        .filter(title -> sources.stream().noneMatch(source -> hasTitle(source, title)))
        .map(title -> file + " \"" + title + "\"")
        .toList();
  }

  /** Whether a title begins with the part before the dots, and contains the parts after them. */
  private static boolean hasTitle(String source, String title) {
    var parts = Stream.of(title.split("…", -1)).map(String::strip).map(Pattern::quote).toList();
    var whole = title.endsWith("…") ? "" : "[\"'`]";
    return Pattern.compile("[\"'`]" + String.join("[^\\n]*", parts) + whole).matcher(source).find();
  }

  @Test
  @DisplayName("every test that docs/features.md names exists")
  void namedTestsExist() throws IOException {
    var lines = Files.readAllLines(root().resolve("docs/features.md"));
    assertEquals(List.of(), missing(lines, tests()));
  }

  @Test
  @DisplayName("a renamed class, method, file or title is reported as missing")
  void renamedTestsAreMissing() {
    var tests =
        Map.of(
            "DoorIT", "class DoorIT extends Doors { void opens() {} }",
            "Doors", "abstract class Doors { void closes() {} }",
            "web-ui/e2e/door.spec.ts", "test(\"a door opens; it closes\", async () => {");
    var found = "| `DoorIT.opens`, `.opens`, `.closes` | `door.spec.ts` \"a door opens; …\" |";
    assertEquals(List.of(), missing(List.of(found), tests));
    var lost =
        "| `GateIT`, `DoorIT.shuts`, `.opened` | `gate.spec.ts` \"x\", `door.spec.ts` \"a door opens\" |";
    assertEquals(
        List.of(
            "GateIT",
            "DoorIT.shuts",
            "DoorIT.opened",
            "gate.spec.ts",
            "door.spec.ts \"a door opens\""),
        missing(List.of(lost), tests));
  }
}
