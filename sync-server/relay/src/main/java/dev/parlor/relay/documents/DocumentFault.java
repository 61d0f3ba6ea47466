package dev.parlor.relay.documents;

import org.jspecify.annotations.Nullable;

/** A request for a document cannot be answered. The message is one sentence without secrets. */
public final class DocumentFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kinds of faults, each with a status of HTTP. */
  public enum Kind {
    MALFORMED(400),
    NOT_SIGNED_IN(401),
    FORBIDDEN(403),
    NOT_FOUND(404),
    TOO_SLOW(408),
    CONFLICT(409),
    DELETED(410),
    CHANGED(412),
    TOO_LARGE(413),
    WRONG_TYPE(415),
    UNACCEPTABLE(422),
    TOO_MANY(429),
    UNAVAILABLE(503);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  private final Kind kind;
  private final String code;
  private final @Nullable String field;
  private final @Nullable String rule;

  private DocumentFault(
      Kind kind, String code, @Nullable String field, @Nullable String rule, String detail) {
    super(detail, null, false, false);
    this.kind = kind;
    this.code = code;
    this.field = field;
    this.rule = rule;
  }

  /**
   * A fault that concerns neither one field nor a rule.
   *
   * @param code a name of the fault for programs
   */
  public static DocumentFault of(Kind kind, String code, String detail) {
    return new DocumentFault(kind, code, null, null, detail);
  }

  /** The field with this name, or at this JSON pointer, is invalid. */
  public static DocumentFault field(Kind kind, String field, String detail) {
    return new DocumentFault(kind, "invalid-field", field, null, detail);
  }

  /** A rule of the protocol refuses the request. */
  public static DocumentFault rule(Kind kind, String rule, String detail) {
    return new DocumentFault(kind, "refused", null, rule, detail);
  }

  /** There is no such document. */
  public static DocumentFault notFound() {
    return of(Kind.NOT_FOUND, "not-found", "there is no such document");
  }

  /** The request can be repeated later. */
  public static DocumentFault unavailable(String code, String detail) {
    return of(Kind.UNAVAILABLE, code, detail);
  }

  public Kind kind() {
    return kind;
  }

  public String code() {
    return code;
  }

  public @Nullable String field() {
    return field;
  }

  public @Nullable String rule() {
    return rule;
  }

  /** The sentence. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
