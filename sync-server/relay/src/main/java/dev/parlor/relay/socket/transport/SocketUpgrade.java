package dev.parlor.relay.socket.transport;

import dev.parlor.relay.address.ClientAddresses;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns HTTP requests for the paths of some endpoints into WebSockets (RFC 6455, version 13, no
 * extensions, no subprotocols). Runs on Helidon's connection threads, so an endpoint may block.
 */
public final class SocketUpgrade implements Http1Upgrader {

  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final HeaderName KEY = HeaderNames.create("Sec-WebSocket-Key");
  private static final HeaderName VERSION = HeaderNames.create("Sec-WebSocket-Version");
  private static final String VERSION_13 = "13";
  private static final int KEY_BYTES = 16;

  private final List<WebSocketEndpoint> endpoints;
  private final SocketServer server;
  private final ClientAddresses addresses;

  /**
   * Creates the upgrade to the sockets of a transport.
   *
   * @param endpoints the first that serves the path of a request admits it
   * @param addresses finds the client's address, for limits per address
   */
  public SocketUpgrade(
      List<WebSocketEndpoint> endpoints, SocketServer server, ClientAddresses addresses) {
    this.endpoints = List.copyOf(endpoints);
    this.server = server;
    this.addresses = addresses;
  }

  @Override
  public String supportedProtocol() {
    return "websocket";
  }

  /** Null when the request is not an upgrade for any endpoint; Helidon then routes it as usual. */
  @Override
  @SuppressWarnings("NullAway") // Helidon's contract
  public ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    // HEAD is routed as usual: a refusal from this method would have a body.
    var path = prologue.uriPath().path();
    var endpoint =
        endpoints.stream().filter(candidate -> candidate.serves(path)).findFirst().orElse(null);
    if (endpoint == null || prologue.method().equals(Method.HEAD)) {
      return null;
    }
    var key = validKey(prologue, headers);
    var address =
        addresses.of(
            context.remotePeer().address(),
            name -> headers.all(HeaderNames.create(name), List::of));
    var admission = endpoint.admit(prologue, headers, address);
    try {
      var upgrade = server.prepare(context, admission);
      var leftOver = leftOver(context);
      context.dataWriter().writeNow(BufferData.create(response(key)));
      return upgrade.begin(leftOver);
    } catch (RuntimeException e) {
      admission.abandon();
      throw e;
    }
  }

  /** Checks the headers of an upgrade and returns its {@code Sec-WebSocket-Key}. */
  private static String validKey(HttpPrologue prologue, Headers headers) {
    if (!prologue.method().equals(Method.GET)) {
      throw refusal(Status.METHOD_NOT_ALLOWED_405, "[WS6] a WebSocket request must use GET");
    }
    if (!listContains(headers, HeaderNames.CONNECTION, "upgrade")) {
      throw refusal(Status.BAD_REQUEST_400, "[WS6] Connection must name Upgrade");
    }
    if (!VERSION_13.equals(headers.first(VERSION).orElse(""))) {
      throw RequestException.builder()
          .type(DirectHandler.EventType.OTHER)
          .status(Status.UPGRADE_REQUIRED_426)
          .header(HeaderValues.create(VERSION, VERSION_13))
          .message("[WS6] only version 13 of WebSocket is supported")
          .safeMessage(true)
          .build();
    }
    var key = headers.first(KEY).orElse("").strip();
    if (!isKey(key)) {
      throw refusal(Status.BAD_REQUEST_400, "[WS6] Sec-WebSocket-Key must be 16 bytes in Base64");
    }
    return key;
  }

  /** Whether the header's list contains this word; case is ignored. */
  private static boolean listContains(Headers headers, HeaderName name, String word) {
    return headers.contains(name)
        && headers.get(name).allValues(true).stream()
            .anyMatch(value -> value.strip().equalsIgnoreCase(word));
  }

  private static boolean isKey(String key) {
    try {
      return Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static RequestException refusal(Status status, String reason) {
    return RequestException.builder()
        .type(DirectHandler.EventType.OTHER)
        .status(status)
        .message(reason)
        .safeMessage(true)
        .build();
  }

  private static byte[] response(String key) {
    return ("HTTP/1.1 101 Switching Protocols\r\n"
            + "Connection: Upgrade\r\n"
            + "Upgrade: websocket\r\n"
            + "Sec-WebSocket-Accept: "
            + accept(key)
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The proof that the server understood the request as a WebSocket upgrade; it contains no secret.
   */
  private static String accept(String key) {
    try {
      var digest = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(digest.digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /** The bytes that the client sent directly after its request. */
  private static @Nullable ByteBuffer leftOver(ConnectionContext context) {
    var count = context.dataReader().available();
    return count == 0 ? null : ByteBuffer.wrap(context.dataReader().readBytes(count));
  }
}
