package dev.parlor.crdt.operations;

import org.jspecify.annotations.Nullable;

/** The action of an operation. Code 6 (make a table) is refused: no current client writes it. */
public enum Action {
  MAKE_MAP(0),
  SET(1),
  MAKE_LIST(2),
  DELETE(3),
  MAKE_TEXT(4),
  INCREMENT(5),
  MARK(7);

  private static final @Nullable Action[] BY_CODE = new @Nullable Action[8];

  static {
    for (var action : values()) {
      BY_CODE[action.code] = action;
    }
  }

  private final int code;

  Action(int code) {
    this.code = code;
  }

  static @Nullable Action of(long code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[(int) code] : null;
  }

  /** The number of the action in the action column. */
  public int code() {
    return code;
  }

  /** Whether the operation makes an object. The object's id is the operation's id. */
  public boolean makes() {
    return this == MAKE_MAP || this == MAKE_LIST || this == MAKE_TEXT;
  }
}
