package dev.parlor.bench.conformance;

import java.util.List;
import java.util.Map;

/** Writes the results as Markdown. */
final class ConformanceReport {

  /**
   * One examined server.
   *
   * @param name its name and version
   * @param command the command that ran the suite
   */
  record Section(String name, String command, double seconds, Map<Check, CheckResult> results) {}

  private ConformanceReport() {}

  static String markdown(String date, List<Section> sections) {
    var out = new StringBuilder();
    out.append("# Conformance\n\n")
        .append("Written by `./parlor conformance` on ")
        .append(date)
        .append(", not by hand. [protocol.md](protocol.md) has the rules.\n\n")
        .append("- *pass*: the server keeps the rule.\n")
        .append(
            "- *FAIL*: it does not. The row names the expected and the seen behaviour. Some rules ")
        .append("are only this project's\n  (close codes from 4400 on, error messages, limits); ")
        .append("other servers need not keep these.\n")
        .append(
            "- *not offered*: a server may leave this out without harm, and this server does.\n\n")
        .append("| server | checks | pass | FAIL | not offered | seconds |\n")
        .append("|---|---|---|---|---|---|\n");
    for (var section : sections) {
      var results = section.results().values();
      out.append("| ")
          .append(section.name())
          .append(" | ")
          .append(results.size())
          .append(" | ")
          .append(count(section, CheckResult.Passed.class))
          .append(" | ")
          .append(count(section, CheckResult.Failed.class))
          .append(" | ")
          .append(count(section, CheckResult.NotOffered.class))
          .append(" | ")
          .append(Math.round(section.seconds()))
          .append(" |\n");
    }
    out.append("\nNot checked, because these rules cannot be observed from outside a server:\n\n")
        .append("| rule | why not | shown for Parlor by |\n|---|---|---|\n");
    UncheckedRule.all()
        .forEach(
            unchecked ->
                out.append("| ")
                    .append(unchecked.rule())
                    .append(" | ")
                    .append(unchecked.why())
                    .append(" | ")
                    .append(unchecked.evidence())
                    .append(" |\n"));
    sections.forEach(section -> table(out, section));
    return out.toString();
  }

  private static void table(StringBuilder out, Section section) {
    out.append("\n## ")
        .append(section.name())
        .append("\n\n`")
        .append(section.command())
        .append("`\n\n| rule | the server | result |\n|---|---|---|\n");
    section
        .results()
        .forEach(
            (check, result) ->
                out.append("| ")
                    .append(check.rule())
                    .append(" | ")
                    .append(cell(check.title()))
                    .append(" | ")
                    .append(cell(resultText(result)))
                    .append(" |\n"));
  }

  static long count(Section section, Class<? extends CheckResult> kind) {
    return section.results().values().stream().filter(kind::isInstance).count();
  }

  private static String resultText(CheckResult result) {
    return switch (result) {
      case CheckResult.Passed(var detail) -> detail.isEmpty() ? "pass" : "pass: " + detail;
      case CheckResult.Failed(var expected, var seen) ->
          "**FAIL**: expected " + expected + "; seen " + seen;
      case CheckResult.NotOffered(var reason) -> "not offered: " + reason;
    };
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace('\n', ' ');
  }
}
