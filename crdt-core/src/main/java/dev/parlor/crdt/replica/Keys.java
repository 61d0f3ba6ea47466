package dev.parlor.crdt.replica;

/**
 * Which map keys may be handed to the bindings. They pass a key in the JVM's "modified UTF-8" and
 * read it as UTF-8: a key with a character beyond the basic plane aborts the whole process, one
 * with NUL is refused.
 */
final class Keys {
  private Keys() {}

  static boolean transferable(String key) {
    return !key.isEmpty() && key.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c));
  }

  /** The key, or an exception where the bindings would abort. */
  static String check(String key) {
    if (!transferable(key)) {
      throw new ReplicaException(
          key.isEmpty()
              ? "a key must not be empty"
              : "a key must not hold NUL or characters beyond the basic plane");
    }
    return key;
  }
}
