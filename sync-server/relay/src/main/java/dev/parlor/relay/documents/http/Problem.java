package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.parlor.relay.documents.DocumentFault;
import java.util.Map;

/**
 * Errors in the form of RFC 9457, as the rooms' interface has them: a status, a code for programs
 * in {@code type}, a sentence for people, and the invalid field or the rule.
 */
final class Problem {
  private static final String CONTENT_TYPE = "application/problem+json";
  private static final int RETRY_SECONDS = 2;

  private Problem() {}

  static Reply of(DocumentFault fault) {
    var status = fault.kind().status();
    var json = JsonNodeFactory.instance.objectNode();
    json.put("type", "urn:parlor:problem:" + fault.code());
    json.put("title", title(fault.kind()));
    json.put("status", status);
    json.put("detail", fault.detail());
    if (fault.field() != null) {
      json.put("field", fault.field());
    }
    if (fault.rule() != null) {
      json.put("rule", fault.rule());
    }
    var reply = new Reply(status, CONTENT_TYPE, Reply.bytes(json), Map.of());
    return switch (fault.kind()) {
      case NOT_SIGNED_IN -> reply.header("WWW-Authenticate", "Bearer");
      case TOO_MANY, UNAVAILABLE -> reply.header("Retry-After", Integer.toString(RETRY_SECONDS));
      case TOO_LARGE, TOO_SLOW -> reply.header("Connection", "close");
      default -> reply;
    };
  }

  /** The reply to a request that failed for a reason that only the log has. */
  static Reply ofDefect(String id) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("type", "urn:parlor:problem:server-error");
    json.put("title", "Server error");
    json.put("status", 500);
    json.put("detail", "the request failed; the server's log has the error under " + id);
    json.put("id", id);
    return new Reply(500, CONTENT_TYPE, Reply.bytes(json), Map.of());
  }

  /** The reply to a method that the path does not have. */
  static Reply notAllowed(String method, String allowed) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("type", "urn:parlor:problem:method-not-allowed");
    json.put("title", "Method not allowed");
    json.put("status", 405);
    json.put("detail", method + " is not allowed here; allowed are " + allowed);
    return new Reply(405, CONTENT_TYPE, Reply.bytes(json), Map.of("Allow", allowed));
  }

  private static String title(DocumentFault.Kind kind) {
    return switch (kind) {
      case MALFORMED -> "Bad request";
      case NOT_SIGNED_IN -> "Not signed in";
      case FORBIDDEN -> "Not allowed";
      case NOT_FOUND -> "Not found";
      case TOO_SLOW -> "Too slow";
      case CONFLICT -> "Conflict";
      case DELETED -> "Deleted";
      case CHANGED -> "Changed meanwhile";
      case TOO_LARGE -> "Too large";
      case WRONG_TYPE -> "Unsupported content type";
      case UNACCEPTABLE -> "Not acceptable here";
      case TOO_MANY -> "Too many requests";
      case UNAVAILABLE -> "Not available now";
    };
  }
}
