package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Builds an upgrade request: valid at first, changed by the check where needed. */
final class UpgradeRequest {

  /** The example key of RFC 6455, section 1.3, which also gives its accept value. */
  static final String SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  static final String SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  private final Map<String, String> headers = new LinkedHashMap<>();
  private String path;
  private String method = "GET";
  private String version = "HTTP/1.1";

  UpgradeRequest(Target target) {
    path = target.path();
    headers.put("Host", target.authority());
    headers.put("Upgrade", "websocket");
    headers.put("Connection", "Upgrade");
    headers.put("Sec-WebSocket-Version", "13");
    headers.put("Sec-WebSocket-Key", SAMPLE_KEY);
  }

  UpgradeRequest with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  UpgradeRequest without(String name) {
    headers.remove(name);
    return this;
  }

  UpgradeRequest path(String value) {
    path = value;
    return this;
  }

  UpgradeRequest method(String value) {
    method = value;
    return this;
  }

  UpgradeRequest version(String value) {
    version = value;
    return this;
  }

  Bytes bytes() {
    var text = new StringBuilder(method + " " + path + " " + version + "\r\n");
    headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    return Bytes.wrap(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * The server's answer.
   *
   * @param status 0 if the connection ended without an answer
   * @param headers by lower-case name
   */
  record Answer(int status, Map<String, String> headers) {
    Answer {
      headers = Map.copyOf(headers);
    }

    boolean isGranted() {
      return status == 101;
    }

    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /** A description for a report. */
    String describe() {
      return status == 0 ? "the connection ended without an answer" : "HTTP status " + status;
    }
  }
}
