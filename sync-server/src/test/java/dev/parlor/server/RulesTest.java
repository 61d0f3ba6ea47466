package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests cite every rule of {@code docs/protocol.md}, and no other rules. */
class RulesTest {

  private static final String ID = "(?:WS|HS|SY|EP|AD|DU)\\d+";
  private static final Pattern RULE = Pattern.compile("^- \\*\\*(" + ID + ")\\*\\*");
  private static final Pattern CITED = Pattern.compile("\\[(" + ID + ")]");

  /** A display name, in one or several string literals, up to the method or class that it names. */
  private static final Pattern NAME =
      Pattern.compile(
          "@DisplayName\\((.*?)\\)\\s*\\n\\s*(?:@|class|void|private|static|abstract)",
          Pattern.DOTALL);

  private static Path root() {
    var here = Path.of("docs/protocol.md");
    return Files.exists(here) ? Path.of("") : Path.of("..");
  }

  private static Set<String> rules() throws IOException {
    var rules = new TreeSet<String>();
    for (var line : Files.readAllLines(root().resolve("docs/protocol.md"))) {
      var rule = RULE.matcher(line);
      if (rule.find()) {
        assertFalse(!rules.add(rule.group(1)), rule.group(1) + " stands there twice");
      }
    }
    return rules;
  }

  /** The rules that tests cite, each with the files that cite it. */
  private static Map<String, Set<String>> cited() throws IOException {
    var cited = new TreeMap<String, Set<String>>();
    for (var module : List.of("crdt-core", "sync-server", "bench")) {
      try (var files = Files.walk(root().resolve(module).resolve("src/test/java"))) {
        for (var file : files.filter(RulesTest::mayCite).toList()) {
          var names = NAME.matcher(Files.readString(file));
          while (names.find()) {
            var ids = CITED.matcher(names.group(1));
            while (ids.find()) {
              cited
                  .computeIfAbsent(ids.group(1), _ -> new TreeSet<>())
                  .add(file.getFileName().toString());
            }
          }
        }
      }
    }
    return cited;
  }

  private static boolean mayCite(Path file) {
    var name = file.getFileName().toString();
    return name.endsWith(".java") && !name.equals("RulesTest.java");
  }

  @Test
  @DisplayName("every rule has a test")
  void everyRuleHasATest() throws IOException {
    var untested = rules();
    assertFalse(untested.isEmpty());
    untested.removeAll(cited().keySet());
    assertEquals(Set.of(), untested, "rules of docs/protocol.md that no test cites");
  }

  @Test
  @DisplayName("every rule that a test cites is documented")
  void everyCitedRuleIsWrittenDown() throws IOException {
    var unknown = cited();
    unknown.keySet().removeAll(rules());
    assertEquals(Map.of(), unknown, "rules that stand in tests but not in docs/protocol.md");
  }
}
