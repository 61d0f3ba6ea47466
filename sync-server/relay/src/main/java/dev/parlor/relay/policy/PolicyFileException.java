package dev.parlor.relay.policy;

import java.util.List;

/** A policy file cannot be read or is invalid. */
public final class PolicyFileException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  PolicyFileException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** Each problem as a part of a sentence: the line, the field and the reason. */
  public List<String> problems() {
    return problems;
  }
}
