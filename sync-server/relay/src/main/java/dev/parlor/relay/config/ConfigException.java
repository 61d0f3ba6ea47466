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

  /** One sentence for each bad setting, first those of the relay. */
  public List<String> problems() {
    return problems;
  }
}
