package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/**
 * Tests cite every rule of {@code docs/protocol.md} and {@code docs/room.md}, and no other rules.
 */
class RulesTest {

  private static final String ID =
      "(?:WS|HS|LV|SY|EP|AD|DU|RM|GE|PF|TU|TX|CN|CM|RX|CH|IM|TK|DD)\\d+";
  private static final Pattern RULE = Pattern.compile("^- \\*\\*(" + ID + ")\\*\\*");
  private static final Pattern CITATION = Pattern.compile("\\[(" + ID + ")]");

  /** A display name of one or several string literals, up to its method or class. */
  private static final Pattern DISPLAY_NAME =
      Pattern.compile(
          "@DisplayName\\((.*?)\\)\\s*\\n\\s*(?:@|class|void|private|static|abstract)",
          Pattern.DOTALL);

  /** A title of the page's tests. */
  private static final Pattern TITLE =
      Pattern.compile("\\b(?:test|it|describe)(?:\\.\\w+)*\\(\\s*([\"'`])(.*?)\\1", Pattern.DOTALL);

  private static final List<String> MODULES =
      List.of(
          "crdt-core",
          "llm-adapter",
          "sync-server/relay",
          "sync-server/room",
          "sync-server/server",
          "bench");

  private static Path root() {
    var fromRoot = Path.of("docs/protocol.md");
    return Files.exists(fromRoot) ? Path.of("") : Path.of("../..");
  }

  private static Set<String> rules() throws IOException {
    var rules = new TreeSet<String>();
    for (var document : List.of("docs/protocol.md", "docs/room.md")) {
      for (var line : Files.readAllLines(root().resolve(document))) {
        var rule = RULE.matcher(line);
        if (rule.find()) {
          assertTrue(rules.add(rule.group(1)), rule.group(1) + " is defined twice");
        }
      }
    }
    return rules;
  }

  /** The rules that tests cite, each with the citing files. */
  private static Map<String, Set<String>> cited() throws IOException {
    var cited = new TreeMap<String, Set<String>>();
    for (var module : MODULES) {
      addCitations(cited, module + "/src/test/java", ".java", DISPLAY_NAME, 1);
    }
    addCitations(cited, "web-ui/src", ".test.ts", TITLE, 2);
    addCitations(cited, "web-ui/e2e", ".spec.ts", TITLE, 2);
    return cited;
  }

  private static void addCitations(
      Map<String, Set<String>> cited, String folder, String suffix, Pattern names, int group)
      throws IOException {
    try (var files = Files.walk(root().resolve(folder))) {
      for (var file : files.filter(file -> isTestFile(file, suffix)).toList()) {
        var name = names.matcher(Files.readString(file));
        while (name.find()) {
          var ids = CITATION.matcher(name.group(group));
          while (ids.find()) {
            cited
                .computeIfAbsent(ids.group(1), _ -> new TreeSet<>())
                .add(file.getFileName().toString());
          }
        }
      }
    }
  }

  private static boolean isTestFile(Path file, String suffix) {
    var name = file.getFileName().toString();
    return name.endsWith(suffix) && !name.equals("RulesTest.java");
  }

  @Test
  @DisplayName("the display name of a test cites every documented rule")
  void everyRuleHasATest() throws IOException {
    var untested = rules();
    assertFalse(untested.isEmpty());
    untested.removeAll(cited().keySet());
    assertEquals(Set.of(), untested, "rules that no test cites");
  }

  @Test
  @DisplayName("every rule that a display name cites is documented")
  void everyCitedRuleIsDocumented() throws IOException {
    var unknown = cited();
    unknown.keySet().removeAll(rules());
    assertEquals(Map.of(), unknown, "rules that tests cite and no document defines");
  }
}
