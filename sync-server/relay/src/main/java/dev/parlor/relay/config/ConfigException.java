package dev.parlor.relay.config;

import java.util.List;

/** The settings are invalid. The message has one line for each problem. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  public ConfigException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** One sentence for each invalid setting; the settings of the relay come first. */
  public List<String> problems() {
    return problems;
  }
}
