package dev.parlor.room.worker;

/**
 * A room refuses a request, with a reason for the caller. An edit plan throws it, and the futures
 * of {@link RoomWorker} fail with it. It has no stack trace, since it is an answer and not a
 * defect.
 */
public final class RoomRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kind of refusal. */
  public enum Code {
    /** The caller's role does not allow it. */
    NOT_ALLOWED,
    /** The named object does not exist. */
    NOT_FOUND,
    /** The request conflicts with the present state. */
    CONFLICT,
    /** A value is invalid. */
    INVALID,
    /** Too many requests at once. A later request may succeed. */
    BUSY,
    /** The room cannot be used now: it failed, it is closing, or the disk refuses writes. */
    UNAVAILABLE
  }

  private final Code code;
  private final String field;

  /**
   * @param field the field or rule that the answer to the caller names; empty without one
   * @param reason a sentence for the user
   */
  public RoomRefusal(Code code, String field, String reason) {
    super(reason, null, false, false);
    this.code = code;
    this.field = field;
  }

  public Code code() {
    return code;
  }

  public String field() {
    return field;
  }

  public String reason() {
    return String.valueOf(getMessage());
  }
}
