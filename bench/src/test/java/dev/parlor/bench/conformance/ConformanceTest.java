package dev.parlor.bench.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConformanceTest {

  private static final Pattern RULE = Pattern.compile("^- \\*\\*([A-Z]{2}\\d+)\\*\\*");

  private static Set<String> rules() throws IOException {
    var here = Path.of("docs/protocol.md");
    var rules = new TreeSet<String>();
    for (var line : Files.readAllLines(Files.exists(here) ? here : Path.of("..").resolve(here))) {
      var rule = RULE.matcher(line);
      if (rule.find()) {
        rules.add(rule.group(1));
      }
    }
    return rules;
  }

  @Test
  @DisplayName(
      "every rule of docs/protocol.md has either a conformance check or a reason why it cannot be checked from outside")
  void everyRuleIsCheckedOrExcused() throws IOException {
    var rules = rules();
    assertFalse(rules.isEmpty());
    var checked = Conformance.all().map(Check::rule).collect(Collectors.toSet());
    var unseen = Unseen.all().stream().map(Unseen::rule).collect(Collectors.toSet());
    var both = new TreeSet<>(checked);
    both.retainAll(unseen);
    assertEquals(Set.of(), both);
    checked.addAll(unseen);
    assertEquals(rules, new TreeSet<>(checked));
  }
}
