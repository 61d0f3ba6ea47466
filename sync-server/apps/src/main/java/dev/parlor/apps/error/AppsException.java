package dev.parlor.apps.error;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a request. The message is one sentence for the developer of the client; it contains no
 * token and no part of a token. It has no stack trace, since it is no defect.
 */
public final class AppsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable String field;
  private final transient Map<String, Object> details;

  private AppsException(
      ErrorCode code, String message, @Nullable String field, Map<String, Object> details) {
    super(message, null, false, false);
    this.code = code;
    this.field = field;
    this.details = Map.copyOf(details);
  }

  public static AppsException of(ErrorCode code, String message) {
    return new AppsException(code, message, null, Map.of());
  }

  /**
   * A refusal of one field.
   *
   * @param field the path of the field, for example {@code fileSystem[2].filename}
   */
  public static AppsException field(String field, String message) {
    return new AppsException(ErrorCode.INVALID_REQUEST, message, field, Map.of());
  }

  /** The same refusal, of this field. */
  public AppsException at(String path) {
    return new AppsException(code, text(), path, details);
  }

  /** The same refusal with a further member, for programs. */
  public AppsException with(String name, Object value) {
    var all = new LinkedHashMap<>(details);
    all.put(name, value);
    return new AppsException(code, text(), field, all);
  }

  public ErrorCode code() {
    return code;
  }

  /** The sentence. */
  public String text() {
    return String.valueOf(getMessage());
  }

  /** The path of the refused field, if one field is at fault. */
  public Optional<String> field() {
    return Optional.ofNullable(field);
  }

  /** Further members of the error, for programs. */
  public Map<String, Object> details() {
    return details;
  }
}
