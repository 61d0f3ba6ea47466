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
    var path = Path.of("docs/protocol.md");
    var rules = new TreeSet<String>();
    for (var line : Files.readAllLines(Files.exists(path) ? path : Path.of("..").resolve(path))) {
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
  void everyRuleIsCheckedOrListedAsUnchecked() throws IOException {
    var rules = rules();
    assertFalse(rules.isEmpty());
    var checked = Conformance.all().map(Check::rule).collect(Collectors.toSet());
    var unchecked =
        UncheckedRule.all().stream().map(UncheckedRule::rule).collect(Collectors.toSet());
    var both = new TreeSet<>(checked);
    both.retainAll(unchecked);
    assertEquals(Set.of(), both);
    checked.addAll(unchecked);
    assertEquals(rules, new TreeSet<>(checked));
  }
}
