package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import java.util.HashMap;
import java.util.Map;

/** A complete response as a value, so that {@link Idempotency} can store and replay it. */
record Reply(int status, String contentType, Bytes body, Map<String, String> headers) {

  Reply {
    headers = Map.copyOf(headers);
  }

  static Reply json(int status, Object body) {
    return new Reply(status, "application/json", Json.bytes(body), Map.of());
  }

  static Reply empty(int status) {
    return new Reply(status, "", Bytes.EMPTY, Map.of());
  }

  static Reply text(int status, String contentType, String body) {
    return new Reply(status, contentType, Bytes.utf8(body), Map.of());
  }

  /** This reply with one more header. */
  Reply header(String name, String value) {
    var all = new HashMap<>(headers);
    all.put(name, value);
    return new Reply(status, contentType, body, all);
  }
}
