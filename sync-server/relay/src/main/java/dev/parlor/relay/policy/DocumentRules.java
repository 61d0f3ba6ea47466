package dev.parlor.relay.policy;

import dev.parlor.relay.admission.ChangePolicy;
import java.util.List;

/**
 * The rules of a policy file. For each path the first rule with a matching pattern decides. Nobody
 * may write at a path that no rule matches. Immutable; safe from any thread.
 */
public record DocumentRules(List<DocumentRule> rules) {

  public DocumentRules {
    rules = List.copyOf(rules);
  }

  /** Makes the check of each document that is opened. */
  public ChangePolicy.Factory factory() {
    return (_, index) -> new PolicyCheck(this, index);
  }
}
