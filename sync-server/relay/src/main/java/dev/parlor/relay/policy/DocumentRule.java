package dev.parlor.relay.policy;

import java.util.EnumSet;
import java.util.Set;

/**
 * One rule of a policy: who may write what at the paths of a pattern.
 *
 * @param append whether list elements may only be added: a change may insert elements and fill the
 *     objects that it makes, but not change or remove what earlier changes wrote
 * @param kinds the kinds of values that may be written; empty for all
 * @param bytesMax the UTF-8 bytes of one string, and the bytes that one change inserts into texts
 */
record DocumentRule(
    PathPattern path, Writers writers, boolean append, Set<ValueKind> kinds, int bytesMax) {

  /** The value of {@code bytesMax} without a limit. */
  static final int UNLIMITED = Integer.MAX_VALUE;

  DocumentRule {
    kinds = kinds.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(kinds));
  }
}
