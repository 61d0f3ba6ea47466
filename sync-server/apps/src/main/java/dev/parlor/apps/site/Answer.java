package dev.parlor.apps.site;

import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer to GET or HEAD.
 *
 * @param headers further headers
 */
record Answer(int status, String mediaType, Bytes body, Map<HeaderName, String> headers) {
  static final String HTML = "text/html; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";

  Answer {
    headers = Map.copyOf(headers);
  }

  /** How long a client may use its copy. */
  enum Caching {
    /** The content of the address never changes. */
    FOREVER("public, max-age=31536000, immutable"),
    /** The client asks each time if its copy is current. */
    REVALIDATE("no-cache"),
    NONE("no-store");

    private final String header;

    Caching(String header) {
      this.header = header;
    }
  }

  /**
   * Content.
   *
   * @param id the id of the body
   */
  static Answer content(ContentId id, Bytes body, String mediaType, Caching caching) {
    return new Answer(
        200,
        mediaType,
        body,
        Map.of(HeaderNames.ETAG, "\"" + id + "\"", HeaderNames.CACHE_CONTROL, caching.header));
  }

  static Answer text(int status, String text) {
    return new Answer(
        status,
        TEXT,
        Bytes.utf8(text + "\n"),
        Map.of(HeaderNames.CACHE_CONTROL, Caching.NONE.header));
  }

  static Answer html(int status, String html) {
    return new Answer(
        status, HTML, Bytes.utf8(html), Map.of(HeaderNames.CACHE_CONTROL, Caching.NONE.header));
  }

  /** Sends the client to another path of the same host. */
  static Answer redirect(String location) {
    return text(307, "This address continues at " + location).with(HeaderNames.LOCATION, location);
  }

  Answer with(HeaderName name, String value) {
    var all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new Answer(status, mediaType, body, all);
  }

  /** Whether the method is GET or HEAD. */
  static boolean reads(ServerRequest request) {
    var method = request.prologue().method();
    return method.equals(Method.GET) || method.equals(Method.HEAD);
  }

  /** The answer to other methods. */
  static Answer methodNotAllowed() {
    return text(405, "Only GET and HEAD are possible here.").with(HeaderNames.ALLOW, "GET, HEAD");
  }

  /** Sends the answer, or 304 if the client's copy is current. */
  void send(ServerRequest request, ServerResponse response) {
    headers.forEach(response::header);
    if (status == 200 && isCurrent(request)) {
      response.status(304).send();
      return;
    }
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, mediaType);
    if (request.prologue().method().equals(Method.HEAD)) {
      response.contentLength(body.length());
      response.send();
    } else {
      response.send(body.toArray());
    }
  }

  private boolean isCurrent(ServerRequest request) {
    var own = headers.get(HeaderNames.ETAG);
    return own != null
        && request
            .headers()
            .first(HeaderNames.IF_NONE_MATCH)
            .filter(
                tags ->
                    Arrays.stream(tags.split(",", -1))
                        .map(String::strip)
                        .anyMatch(
                            tag -> tag.equals("*") || tag.equals(own) || tag.equals("W/" + own)))
            .isPresent();
  }
}
