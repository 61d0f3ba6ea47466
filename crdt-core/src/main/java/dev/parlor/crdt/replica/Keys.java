package dev.parlor.crdt.replica;

/**
 * Checks map keys before they are passed to the bindings. The bindings write a key in the JVM's
 * "modified UTF-8" and read it as UTF-8. A key with a character beyond the basic plane therefore
 * aborts the whole process, and a key with NUL fails.
 */
final class Keys {
  private Keys() {}

  /** Whether the key can be passed to the bindings. */
  static boolean transferable(String key) {
    return !key.isEmpty() && key.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c));
  }

  /** Returns the key; throws if it cannot be passed to the bindings. */
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
