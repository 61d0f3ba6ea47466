package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An HTTP client on a plain socket that stays open. It can send requests that the JDK's client
 * refuses, connect from any address of this machine, and read bytes outside of responses.
 */
final class RawHttp implements AutoCloseable {
  private final Socket socket = new Socket();

  /** A response's head; header names are in lower case. */
  record Head(int status, Map<String, List<String>> headers) {
    String header(String name) {
      return String.join(", ", headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()));
    }
  }

  /** A response. */
  record Response(Head head, String body) {
    int status() {
      return head.status();
    }
  }

  /**
   * @param from the local address of the connection
   */
  RawHttp(String from, int port) throws IOException {
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 10_000);
    socket.setSoTimeout(30_000);
    socket.setTcpNoDelay(true);
  }

  RawHttp(int port) throws IOException {
    this("127.0.0.1", port);
  }

  /** Sends bytes before the first request, for example a header of the PROXY protocol. */
  void sendBytes(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Sends a request without a body. */
  void send(String method, String path, String... headers) throws IOException {
    send(method, path, "", headers);
  }

  /** Sends a request with a JSON body; without a body if {@code json} is empty. */
  void send(String method, String path, String json, String[] headers) throws IOException {
    var text = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    var lines = new ArrayList<>(List.of(headers));
    if (!lines.contains("Host")) {
      lines.addAll(List.of("Host", "127.0.0.1:" + socket.getPort()));
    }
    if (!json.isEmpty()) {
      lines.addAll(List.of("Content-Type", "application/json"));
      lines.addAll(List.of("Content-Length", Integer.toString(json.length())));
    }
    for (var i = 0; i < lines.size(); i += 2) {
      text.append(lines.get(i)).append(": ").append(lines.get(i + 1)).append("\r\n");
    }
    socket.getOutputStream().write((text + "\r\n" + json).getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Reads a response's head, up to the blank line after the headers and no further. */
  Head head() throws IOException {
    var status = line();
    assertTrue(status.matches("HTTP/1\\.1 \\d{3} ?.*"), () -> "no status line: " + status);
    var headers = new TreeMap<String, List<String>>();
    for (var line = line(); !line.isEmpty(); line = line()) {
      var colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Head(Integer.parseInt(status.substring(9, 12)), headers);
  }

  /** Reads the response to a request other than HEAD. */
  Response response() throws IOException {
    var head = head();
    if (head.header("transfer-encoding").equals("chunked")) {
      var body = new StringBuilder();
      for (var size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
        body.append(new String(in().readNBytes(size), StandardCharsets.UTF_8));
        line();
      }
      line();
      return new Response(head, body.toString());
    }
    var length = head.header("content-length");
    var body = length.isEmpty() ? new byte[0] : in().readNBytes(Integer.parseInt(length));
    return new Response(head, new String(body, StandardCharsets.UTF_8));
  }

  /** Reads one line, without its line end. */
  String line() throws IOException {
    var line = new StringBuilder();
    for (var next = in().read(); next != '\n'; next = in().read()) {
      if (next < 0) {
        throw new IOException("the connection ended after \"" + line + "\"");
      }
      line.append((char) next);
    }
    return line.toString().stripTrailing();
  }

  InputStream in() throws IOException {
    return socket.getInputStream();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
