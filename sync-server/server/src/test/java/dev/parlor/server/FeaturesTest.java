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

/** Checks that every test that {@code docs/features.md} names exists. */
class FeaturesTest {

  /** Text in backquotes: a test class, a method of the last class, or a file. */
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  private static final Pattern JAVA_TEST =
      Pattern.compile("(\\w+(?:Test|Properties|IT|Contract))(?:\\.(\\w+))?");
  private static final Pattern METHOD_ONLY = Pattern.compile("\\.(\\w+)");
  private static final Pattern PAGE_TEST = Pattern.compile("[\\w/.-]+\\.(?:spec|test)\\.tsx?");

  /** A title of a test in quotes, after the file of a page test. */
  private static final Pattern TITLE = Pattern.compile("\"([^\"`]+)\"");

  private static final Set<String> SKIPPED_FOLDERS =
      Set.of("node_modules", "target", "dist", ".git");

  private static Path root() {
    var start = Path.of("").toAbsolutePath();
    for (var folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("docs/features.md"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no docs/features.md above " + start);
  }

  /** The sources of all tests, by class name for Java tests and by path for page tests. */
  private static Map<String, String> tests() throws IOException {
    var root = root();
    var sources = new TreeMap<String, String>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED_FOLDERS.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            var path = root.relativize(file).toString();
            if (path.contains("src/test/java/") && path.endsWith(".java")) {
              var name = file.getFileName().toString().replace(".java", "");
              var other = sources.put(name, Files.readString(file));
              assertTrue(
                  other == null || !JAVA_TEST.matcher(name).matches(),
                  "two tests have the name " + name);
            } else if (path.startsWith("web-ui/") && PAGE_TEST.matcher(path).matches()) {
              sources.put(path, Files.readString(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return sources;
  }

  /** The tests that the lines name and that do not exist. */
  private static List<String> missing(List<String> lines, Map<String, String> tests) {
    var missing = new ArrayList<String>();
    for (var line : lines) {
      var lastClass = "";
      for (var code = QUOTED.matcher(line); code.find(); ) {
        var name = code.group(1);
        var java = JAVA_TEST.matcher(name);
        var method = METHOD_ONLY.matcher(name);
        if (java.matches()) {
          lastClass = java.group(1);
          if (!tests.containsKey(lastClass)
              || (java.group(2) != null && !hasMethod(tests, lastClass, java.group(2)))) {
            missing.add(name);
          }
        } else if (method.matches()) {
          if (!hasMethod(tests, lastClass, method.group(1))) {
            missing.add(lastClass + name);
          }
        } else if (PAGE_TEST.matcher(name).matches()) {
          missing.addAll(missingTitles(line.substring(code.end()), name, tests));
        }
      }
    }
    return missing;
  }

  /** Whether a test class or its superclass has a method. */
  private static boolean hasMethod(Map<String, String> tests, String name, String method) {
    var source = tests.getOrDefault(name, "");
    if (Pattern.compile("(?:void|boolean|Property) " + method + "\\(").matcher(source).find()) {
      return true;
    }
    var superclass = Pattern.compile("class " + name + " extends (\\w+)").matcher(source);
    return superclass.find() && hasMethod(tests, superclass.group(1), method);
  }

  private static List<String> missingTitles(
      String afterFile, String file, Map<String, String> tests) {
    var sources =
        tests.entrySet().stream()
            .filter(test -> test.getKey().endsWith("/" + file))
            .map(Map.Entry::getValue)
            .toList();
    if (sources.isEmpty()) {
      return List.of(file);
    }
    var end = afterFile.indexOf('`');
    var untilNextQuote = end < 0 ? afterFile : afterFile.substring(0, end);
    return TITLE
        .matcher(untilNextQuote)
        .results()
        .map(title -> title.group(1))
        .filter(title -> sources.stream().noneMatch(source -> hasTitle(source, title)))
        .map(title -> file + " \"" + title + "\"")
        .toList();
  }

  /**
   * Whether a test in the source has this title. An ellipsis (…) in the title stands for any text.
   */
  private static boolean hasTitle(String source, String title) {
    var parts = Stream.of(title.split("…", -1)).map(String::strip).map(Pattern::quote).toList();
    var closingQuote = title.endsWith("…") ? "" : "[\"'`]";
    return Pattern.compile("[\"'`]" + String.join("[^\\n]*", parts) + closingQuote)
        .matcher(source)
        .find();
  }

  @Test
  @DisplayName("every test that docs/features.md names exists")
  void namedTestsExist() throws IOException {
    var lines = Files.readAllLines(root().resolve("docs/features.md"));
    assertEquals(List.of(), missing(lines, tests()));
  }

  @Test
  @DisplayName("a class, method, file or title that does not exist is reported as missing")
  void renamedTestsAreMissing() {
    var tests =
        Map.of(
            "DoorIT", "class DoorIT extends Doors { void opens() {} }",
            "Doors", "abstract class Doors { void closes() {} }",
            "web-ui/e2e/door.spec.ts", "test(\"a door opens; it closes\", async () => {");
    var correct = "| `DoorIT.opens`, `.opens`, `.closes` | `door.spec.ts` \"a door opens; …\" |";
    assertEquals(List.of(), missing(List.of(correct), tests));
    var wrong =
        "| `GateIT`, `DoorIT.shuts`, `.opened` | `gate.spec.ts` \"x\", `door.spec.ts` \"a door opens\" |";
    assertEquals(
        List.of(
            "GateIT",
            "DoorIT.shuts",
            "DoorIT.opened",
            "gate.spec.ts",
            "door.spec.ts \"a door opens\""),
        missing(List.of(wrong), tests));
  }
}
