package dev.parlor.apps.error;

/** The codes of the API's errors, with the HTTP status of each. */
public enum ErrorCode {
  /** The message, or one of its fields, is malformed. */
  INVALID_REQUEST("invalid-request", 400),
  INVALID_AUTH_TYPE("invalid-auth-type", 400),
  TTL_EXPIRED("ttl-expired", 400),
  USER_SLUG_INVALID("user-slug-invalid", 400),
  APP_SLUG_INVALID("app-slug-invalid", 400),
  /** The request has no authentication. */
  REQUIRE_LOGIN("require-login", 401),
  BAD_TOKEN("bad-token", 401),
  ACCESS_DENIED("access-denied", 403),
  NOT_FOUND("not-found", 404),
  /** A file names an asset that is not stored, or that the user may not use. */
  ASSET_REF_UNKNOWN("asset-ref-unknown", 404),
  OWNED_BY_ANOTHER("owned-by-another", 409),
  HANDLE_REQUIRED("handle-required", 409),
  MAX_USER_SLUGS_REACHED("max-user-slugs-reached", 409),
  MAX_APP_SLUGS_REACHED("max-app-slugs-reached", 409),
  MAX_APPS_REACHED("max-apps-reached", 409),
  /** Every slug that was drawn is in use. */
  SLUG_EXHAUSTED("slug-exhausted", 409),
  TOO_LARGE("too-large", 413),
  /** A source file does not compile; the details have file, line and column. */
  TRANSFORM_FAILED("transform-failed", 422),
  TOO_MANY_REQUESTS("too-many-requests", 429),
  /** A defect of the server; the details have the id under which the log has it. */
  SERVER_ERROR("server-error", 500),
  UNKNOWN_TYPE("unknown-type", 501),
  /** The disk or the transform cannot be used at present. */
  UNAVAILABLE("unavailable", 503);

  private final String wire;
  private final int status;

  ErrorCode(String wire, int status) {
    this.wire = wire;
    this.status = status;
  }

  /** The code as it is sent. */
  public String wire() {
    return wire;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }
}
