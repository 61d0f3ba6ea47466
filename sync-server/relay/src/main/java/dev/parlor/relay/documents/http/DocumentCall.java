package dev.parlor.relay.documents.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.http.ConnectionClose;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.HeaderName;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A request about documents: its path, query, headers and body, and the permissions of its caller.
 * Belongs to the thread of the request.
 */
final class DocumentCall {
  private static final String URL_PREFIX = "automerge:";
  private static final int BUFFER_BYTES = 16 * 1024;

  private final ServerRequest request;
  private final RequestAccess access;
  private final DocumentApiLimits limits;
  private final LongSupplier nanoTime;

  DocumentCall(
      ServerRequest request,
      RequestAccess access,
      DocumentApiLimits limits,
      LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.request = request;
    this.access = access;
    this.limits = limits;
  }

  /** The caller, and what the caller may do. */
  RequestAccess access() {
    return access;
  }

  /** The document in the path of the route, as an id or as an URL of automerge-repo. */
  DocumentId document() {
    var text = request.path().pathParameters().get("id");
    var id = text.startsWith(URL_PREFIX) ? text.substring(URL_PREFIX.length()) : text;
    return switch (DocumentId.parse(id)) {
      case Decoding.Decoded<DocumentId>(var document) -> document;
      case Decoding.Malformed<DocumentId>(_, var reason) ->
          throw DocumentFault.field(Kind.MALFORMED, "id", reason);
    };
  }

  Optional<String> query(String name) {
    return request.query().contains(name)
        ? Optional.of(request.query().get(name))
        : Optional.empty();
  }

  /** An integer in the query within bounds; empty if it is absent. */
  OptionalInt queryInt(String name, int min, int max) {
    var text = query(name);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      var number = Integer.parseInt(text.get());
      if (number >= min && number <= max) {
        return OptionalInt.of(number);
      }
    } catch (NumberFormatException _) {
      // the same error as for a number outside the bounds
    }
    throw DocumentFault.field(
        Kind.MALFORMED, name, name + " is a number from " + min + " to " + max);
  }

  /** The heads in the query, ascending; empty if there are none. */
  List<ChangeHash> heads() {
    return query("heads").map(this::heads).orElse(List.of());
  }

  private List<ChangeHash> heads(String text) {
    var parts = text.split(",", -1);
    if (parts.length > limits.headsMax()) {
      throw DocumentFault.field(
          Kind.MALFORMED, "heads", "heads has at most " + limits.headsMax() + " hashes");
    }
    return Arrays.stream(parts).map(DocumentCall::head).distinct().sorted().toList();
  }

  private static ChangeHash head(String text) {
    return switch (ChangeHash.parse(text.strip())) {
      case Decoding.Decoded<ChangeHash>(var hash) -> hash;
      case Decoding.Malformed<ChangeHash>(_, var reason) ->
          throw DocumentFault.field(
              Kind.MALFORMED, "heads", "heads is a list of hashes with commas: " + reason);
    };
  }

  Optional<String> header(HeaderName name) {
    return request.headers().first(name);
  }

  /** The media type of the body without parameters, in lower case; empty if there is none. */
  String mediaType() {
    return request.headers().contentType().map(type -> type.mediaType().text()).orElse("");
  }

  DocumentApiLimits limits() {
    return limits;
  }

  /**
   * The whole body.
   *
   * @param bytesMax above: 413
   */
  Bytes body(int bytesMax) {
    if (request.headers().contentLength().orElse(0) > bytesMax) {
      throw tooLarge(bytesMax);
    }
    if (!request.content().hasEntity()) {
      return Bytes.EMPTY;
    }
    try (var in = request.content().inputStream()) {
      var bytes = read(in, bytesMax + 1);
      if (bytes.length > bytesMax) {
        ConnectionClose.discard(in);
        throw tooLarge(bytesMax);
      }
      return Bytes.wrap(bytes);
    } catch (IOException | UncheckedIOException | InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the client left before the end of its body", e);
    }
  }

  /** Reads a body within the time of a request. A client that sends nothing is cut off earlier. */
  private byte[] read(InputStream in, int bytesMax) throws IOException {
    var out = new ByteArrayOutputStream();
    var buffer = new byte[BUFFER_BYTES];
    var end = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(limits.waitMillisMax());
    while (out.size() < bytesMax) {
      var count = in.read(buffer, 0, Math.min(buffer.length, bytesMax - out.size()));
      if (count < 0) {
        break;
      }
      out.write(buffer, 0, count);
      if (nanoTime.getAsLong() - end > 0) {
        throw DocumentFault.of(
            Kind.TOO_SLOW,
            "body-too-slow",
            "the body did not arrive within " + limits.waitMillisMax() + " ms");
      }
    }
    return out.toByteArray();
  }

  private static DocumentFault tooLarge(int bytesMax) {
    return DocumentFault.of(
        Kind.TOO_LARGE, "body-too-large", "the body may have at most " + bytesMax + " bytes");
  }
}
