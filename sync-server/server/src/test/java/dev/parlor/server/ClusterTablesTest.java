package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Every table has a row in docs/cluster.md that says how nodes share it. */
class ClusterTablesTest {
  private static final String SECTION = "## State and its rule across nodes";

  /** A call that names a table: the method, and its only or last argument, or its first. */
  private static final List<Pattern> CALLS =
      List.of(
          Pattern.compile("(?:\\.(?:table|partsOf)|tables\\.apply)\\(\\s*([A-Za-z_.\"-]+)\\s*\\)"),
          Pattern.compile("\\btableOf\\(\\s*\\w+,\\s*([A-Za-z_.\"-]+)\\s*\\)"),
          Pattern.compile("new (?:RecordKey|Range)\\(\\s*([A-Za-z_.\"-]+)\\s*,"),
          Pattern.compile("Range\\.ofPrefix\\(\\s*([A-Za-z_.\"-]+)\\s*,"));

  /** How {@code AppRecords} names its tables. */
  private static final Pattern APP_RECORDS =
      Pattern.compile("\\b(?:key|range)\\(\\s*([A-Z_]+|\"[a-z-]+\")\\s*,");

  /** Files that pass on a name which their callers chose. */
  private static final Set<String> PASSING_ON =
      Set.of("Archive", "SharedAccess", "RecordStore", "AppRecords");

  private static List<Path> sources() throws IOException {
    var found = new ArrayList<Path>();
    for (var module : List.of("relay", "room", "apps", "server")) {
      try (var files = Files.walk(Path.of("..", module, "src", "main"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.toString().contains("/relay/storage/"))
            .forEach(found::add);
      }
    }
    return found;
  }

  private static Set<String> tables(List<String> unclear) throws IOException {
    var all = sources();
    var tables = new TreeSet<String>();
    for (var file : all) {
      var text = Files.readString(file);
      var calls = new ArrayList<>(CALLS);
      if (simpleName(file).equals("AppRecords")) {
        calls.add(APP_RECORDS);
      }
      for (var call : calls) {
        var matcher = call.matcher(text);
        while (matcher.find()) {
          var argument = matcher.group(1);
          var name = name(argument, file, text, all);
          name.ifPresent(tables::add);
          if (name.isEmpty() && !PASSING_ON.contains(simpleName(file))) {
            unclear.add(simpleName(file) + ": " + argument);
          }
        }
      }
    }
    return tables;
  }

  private static String simpleName(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }

  /** The name in a literal, or in a constant of this class or of the class that is named. */
  private static Optional<String> name(String argument, Path file, String text, List<Path> all)
      throws IOException {
    if (argument.startsWith("\"")) {
      return Optional.of(argument.substring(1, argument.length() - 1));
    }
    var dot = argument.lastIndexOf('.');
    var owner = dot < 0 ? simpleName(file) : argument.substring(0, dot);
    var constant = Pattern.compile("\\b" + argument.substring(dot + 1) + "\\s*=\\s*\"([a-z-]+)\"");
    for (var candidate : all) {
      if (simpleName(candidate).equals(owner)) {
        var found = constant.matcher(candidate.equals(file) ? text : Files.readString(candidate));
        if (found.find()) {
          return Optional.of(found.group(1));
        }
      }
    }
    return Optional.empty();
  }

  @DisplayName("a table that the code opens is listed with its rule in docs/cluster.md")
  @Test
  void everyTableHasARule() throws Exception {
    var docs = Files.readString(Path.of("..", "..", "docs", "cluster.md"));
    var start = docs.indexOf(SECTION);
    assertTrue(start >= 0, "docs/cluster.md has the section " + SECTION);
    var end = docs.indexOf("\n## ", start + 1);
    var section = docs.substring(start, end < 0 ? docs.length() : end);
    var unclear = new ArrayList<String>();
    var tables = tables(unclear);
    assertEquals(List.of(), unclear, "names of tables that this test cannot find out");
    assertTrue(
        tables.containsAll(Set.of("rooms", "apps", "tombstones", "seen", "contexts", "epochs")),
        "the test finds tables of all kinds, not only " + tables);
    var missing = tables.stream().filter(table -> !section.contains("`" + table + "`")).toList();
    assertEquals(List.of(), missing, "tables without a row in docs/cluster.md");
  }
}
