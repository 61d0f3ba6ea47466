package dev.parlor.relay.policy;

import dev.parlor.crdt.operations.OperationReader;
import java.util.Locale;
import java.util.Optional;

/** The kinds of values that a rule can require. */
enum ValueKind {
  /** Collaborative text; also everything that is typed or marked in it. */
  TEXT,
  /** A string that is replaced as a whole. */
  STRING,
  NUMBER,
  COUNTER,
  BOOLEAN,
  NULL,
  BYTES,
  TIME,
  MAP,
  LIST;

  /** The name in a policy file. */
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<ValueKind> named(String name) {
    for (var kind : values()) {
      if (kind.wire().equals(name)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /**
   * The kind of the value that an operation writes. The operation must not be a deletion.
   *
   * @param inText whether the object of the operation is a text
   */
  static ValueKind of(OperationReader operation, boolean inText) {
    return switch (operation.action()) {
      case MAKE_MAP -> MAP;
      case MAKE_LIST -> LIST;
      case MAKE_TEXT -> TEXT;
      case INCREMENT -> COUNTER;
      case MARK -> inText ? TEXT : LIST;
      case SET ->
          inText && operation.valueType() == OperationReader.STRING
              ? TEXT
              : ofScalar(operation.valueType());
      case DELETE -> throw new IllegalArgumentException("a deletion has no value");
    };
  }

  private static ValueKind ofScalar(int type) {
    return switch (type) {
      case OperationReader.NULL -> NULL;
      case OperationReader.FALSE, OperationReader.TRUE -> BOOLEAN;
      case OperationReader.UINT, OperationReader.INT, OperationReader.FLOAT -> NUMBER;
      case OperationReader.STRING -> STRING;
      case OperationReader.COUNTER -> COUNTER;
      case OperationReader.TIMESTAMP -> TIME;
      default -> BYTES;
    };
  }
}
