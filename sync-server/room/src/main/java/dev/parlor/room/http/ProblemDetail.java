package dev.parlor.room.http;

import dev.parlor.room.access.AccessRefusal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The error of a request in the form of RFC 9457: a status, a code for programs, a sentence for
 * people, and the invalid field if any. Never contains a stack trace or a secret.
 *
 * @param code the last part of {@code type}, which is stable across versions
 * @param extensions the extension members of the problem
 */
record ProblemDetail(
    int status,
    String code,
    String detail,
    @Nullable String field,
    Map<String, Object> extensions,
    Map<String, String> headers) {

  ProblemDetail {
    extensions = Map.copyOf(extensions);
    headers = Map.copyOf(headers);
  }

  static ProblemDetail of(int status, String code, String detail) {
    return new ProblemDetail(status, code, detail, null, Map.of(), Map.of());
  }

  static ProblemDetail field(int status, String field, String detail) {
    return new ProblemDetail(status, "invalid-field", detail, field, Map.of(), Map.of());
  }

  static ProblemDetail notFound(String detail) {
    return of(404, "not-found", detail);
  }

  static ProblemDetail unauthorized(String detail) {
    return of(401, "unauthorized", detail).header("WWW-Authenticate", "Bearer");
  }

  static ProblemDetail forbidden(String code, String detail) {
    return of(403, code, detail);
  }

  /** The problem for a refusal of the access package, with its rule. */
  static ProblemDetail of(AccessRefusal refusal) {
    var problem =
        of(refusal.status(), refusal.code(), refusal.reason()).with("rule", refusal.rule());
    return switch (refusal.status()) {
      case 401 -> problem.header("WWW-Authenticate", "Bearer");
      case 503 -> problem.retryAfter(2);
      default -> problem;
    };
  }

  static ProblemDetail tooMany(String detail, Duration wait) {
    var seconds = Math.max(1, wait.plusMillis(999).toSeconds());
    return of(429, "too-many-requests", detail).retryAfter(seconds);
  }

  /** Adds the time until a retry: for people, for programs, and in {@code Retry-After}. */
  ProblemDetail retryAfter(long seconds) {
    var sentence = detail.replaceFirst("; try again$", "") + "; try again in " + seconds + " s";
    return new ProblemDetail(status, code, sentence, field, extensions, headers)
        .header("Retry-After", Long.toString(seconds))
        .with("retryAfterSeconds", seconds);
  }

  /** Adds an extension member. */
  ProblemDetail with(String name, Object value) {
    var all = new LinkedHashMap<>(extensions);
    all.put(name, value);
    return new ProblemDetail(status, code, detail, field, all, headers);
  }

  ProblemDetail header(String name, String value) {
    var all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new ProblemDetail(status, code, detail, field, extensions, all);
  }

  /** This problem as an exception. */
  ProblemException thrown() {
    return new ProblemException(this);
  }

  Reply reply() {
    var json = Json.object();
    json.put("type", "urn:parlor:problem:" + code);
    json.put("title", title());
    json.put("status", status);
    json.put("detail", detail);
    if (field != null) {
      json.put("field", field);
    }
    extensions.forEach((name, value) -> json.set(name, Json.tree(value)));
    return new Reply(status, "application/problem+json", Json.bytes(json), headers);
  }

  private String title() {
    return switch (status) {
      case 400 -> "Bad request";
      case 401 -> "Not signed in";
      case 403 -> "Not allowed";
      case 404 -> "Not found";
      case 405 -> "Method not allowed";
      case 409 -> "Conflict";
      case 413 -> "Too large";
      case 415 -> "Unsupported content type";
      case 421 -> "Wrong host";
      case 422 -> "Not acceptable here";
      case 429 -> "Too many requests";
      case 501 -> "Not built yet";
      case 503 -> "Not available now";
      default -> status < 500 ? "Bad request" : "Server error";
    };
  }
}
