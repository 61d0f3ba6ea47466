package dev.parlor.crdt.operations;

/** What an operation does. Tables (6), which no present client makes, are not accepted. */
public enum Action {
  MAKE_MAP,
  SET,
  MAKE_LIST,
  DELETE,
  MAKE_TEXT,
  INCREMENT,
  MARK;

  private static final Action[] BY_CODE = {
    MAKE_MAP, SET, MAKE_LIST, DELETE, MAKE_TEXT, INCREMENT, null, MARK
  };

  static @org.jspecify.annotations.Nullable Action of(long code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[(int) code] : null;
  }

  /** Whether the operation makes an object, which bears its id. */
  public boolean makes() {
    return this == MAKE_MAP || this == MAKE_LIST || this == MAKE_TEXT;
  }
}
