package dev.parlor.relay.config;

import java.util.List;

/** One setting in force; secrets are masked. */
public record EffectiveSetting(Setting setting, String shown, String source) {

  /** The output of {@code config}: name, value and source of each setting, then the notes. */
  public static String describe(List<EffectiveSetting> all, List<String> notes) {
    var out = new StringBuilder();
    for (var one : all) {
      out.append(
          String.format("%-16s %-34s %s%n", one.setting.key(), one.shown, "(" + one.source + ")"));
    }
    notes.forEach(note -> out.append("note: ").append(note).append(System.lineSeparator()));
    return out.toString();
  }

  /** The part of {@code --help} about settings. */
  public static String help(List<? extends Setting> settings) {
    var out = new StringBuilder();
    for (var setting : settings) {
      out.append(
          String.format(
              "  %-18s %-23s %s%s%n",
              setting.secret() ? "" : "--" + setting.key(),
              setting.variable(),
              setting.help(),
              setting.fallback().isEmpty() ? "" : " Default: " + setting.fallback() + "."));
    }
    out.append(
        String.format(
            "  %-18s %-23s %s%n",
            "--config", "PARLOR_CONFIG", "File of settings, one key = value per line."));
    return out.toString();
  }
}
