package dev.parlor.model;

import java.util.Set;
import java.util.TreeSet;

/**
 * The parameters that an endpoint accepts for a model, as far as its refusals have shown.
 *
 * @param limitName the name of the token limit
 * @param left the parameters that are left out
 */
record AcceptedParameters(LimitName limitName, Set<String> left) {
  static final AcceptedParameters ALL = new AcceptedParameters(LimitName.MAX_TOKENS, Set.of());

  AcceptedParameters {
    left = Set.copyOf(left);
  }

  boolean has(String parameter) {
    return !left.contains(parameter);
  }

  AcceptedParameters withOtherLimitName() {
    return new AcceptedParameters(limitName.other(), left);
  }

  AcceptedParameters without(String parameter) {
    Set<String> more = new TreeSet<>(left);
    more.add(parameter);
    return new AcceptedParameters(limitName, more);
  }
}
