package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A complete response.
 *
 * @param contentType empty for a response without a body
 */
record Reply(int status, String contentType, Bytes body, Map<String, String> headers) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final String JSON_TYPE = "application/json";

  Reply {
    headers = Map.copyOf(headers);
  }

  static Reply json(int status, JsonNode body) {
    return new Reply(status, JSON_TYPE, bytes(body), Map.of());
  }

  static Reply empty(int status) {
    return new Reply(status, "", Bytes.EMPTY, Map.of());
  }

  static Reply of(String contentType, Bytes body) {
    return new Reply(200, contentType, body, Map.of());
  }

  static Bytes bytes(JsonNode json) {
    try {
      return Bytes.wrap(JSON.writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a response is not JSON", e);
    }
  }

  /** This reply with one more header. */
  Reply header(String name, String value) {
    var all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new Reply(status, contentType, body, all);
  }
}
