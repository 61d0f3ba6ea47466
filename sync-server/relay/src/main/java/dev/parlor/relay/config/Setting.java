package dev.parlor.relay.config;

import java.util.List;
import java.util.Locale;

/**
 * One setting. It has a flag such as {@code --llm-url}, a variable such as {@code PARLOR_LLM_URL},
 * and a key such as {@code llm-url} in the file. Each program has an enum of its settings.
 */
public interface Setting {

  /** The name as a constant, for example {@code LLM_URL}. */
  String name();

  /** The default; empty without one. */
  String fallback();

  /** One sentence for {@code --help}. */
  String help();

  /** Whether the value must never be shown. */
  default boolean secret() {
    return false;
  }

  /** The name on the command line and in the file, without leading dashes. */
  default String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The environment variable. */
  default String variable() {
    return "PARLOR_" + name();
  }

  /** Further names of the environment variable, which other programs use for the same value. */
  default List<String> aliases() {
    return List.of();
  }

  /** Both names, for error messages, since the operator may have used either. */
  default String both() {
    return variable() + " (--" + key() + ")";
  }
}
