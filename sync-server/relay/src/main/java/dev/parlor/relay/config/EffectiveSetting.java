package dev.parlor.relay.config;

import java.util.List;

/**
 * The value of one setting after all sources were read, for the operator.
 *
 * @param shown the value; masked if it is secret
 * @param source where the value comes from, for example {@code PARLOR_PORT}
 */
public record EffectiveSetting(Setting setting, String shown, String source) {

  /**
   * The output of the command {@code config}: name, value and source of each setting, then the
   * notes.
   */
  public static String describe(List<EffectiveSetting> all, List<String> notes) {
    var out = new StringBuilder();
    for (var effective : all) {
      out.append(
          String.format(
              "%-16s %-34s %s%n",
              effective.setting.key(), effective.shown, "(" + effective.source + ")"));
    }
    notes.forEach(note -> out.append("note: ").append(note).append(System.lineSeparator()));
    return out.toString();
  }

  /** The text about settings in the output of {@code --help}. */
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
