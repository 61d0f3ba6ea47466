package dev.parlor.server.rooms;

/**
 * A room said no, for a reason that the caller can be told; thrown by the plan of an edit and found
 * in the futures of {@link RoomWorker}. Carries no stack trace: it is an answer, not a defect.
 */
public final class RoomRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of no. */
  public enum Code {
    /** The caller's role does not allow it. */
    NOT_ALLOWED,
    /** What it names is not there. */
    NOT_FOUND,
    /** It does not fit what is there now. */
    CONFLICT,
    /** A value is not acceptable. */
    INVALID,
    /** Too much at once; later it may work. */
    BUSY,
    /** The room cannot be used now: it failed, is closing, or the disk refuses. */
    UNAVAILABLE
  }

  private final Code code;
  private final String field;

  /**
   * @param field the field or rule that the answer names, empty when it is about none
   * @param reason a sentence for people
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
