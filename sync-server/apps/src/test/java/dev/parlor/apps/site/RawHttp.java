package dev.parlor.apps.site;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** HTTP requests by a raw socket: it sends every Host header and path exactly as given. */
record RawHttp(int port) {
  private static final int TIMEOUT_MILLIS = 20_000;

  /** A response; the names of its headers are in lower case. */
  record Response(int status, List<String> headers, String body) {

    Optional<String> header(String name) {
      var prefix = name.toLowerCase(Locale.ROOT) + ": ";
      return headers.stream()
          .filter(line -> line.startsWith(prefix))
          .map(line -> line.substring(prefix.length()))
          .findFirst();
    }

    String required(String name) {
      return header(name).orElseThrow(() -> new AssertionError("no " + name + " in " + headers));
    }
  }

  /**
   * GET.
   *
   * @param headers lines, for example {@code Accept: text/html}
   */
  Response get(String host, String path, String... headers) throws IOException {
    return send("GET", host, path, headers);
  }

  Response send(String method, String host, String path, String... headers) throws IOException {
    var request = new ArrayList<>(List.of(method + " " + path + " HTTP/1.1", "Host: " + host));
    request.addAll(List.of(headers));
    if (List.of(headers).stream().noneMatch(line -> line.startsWith("Connection:"))) {
      request.add("Connection: close");
    }
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket
          .getOutputStream()
          .write((String.join("\r\n", request) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      return read(socket.getInputStream(), method);
    }
  }

  private static Response read(InputStream in, String method) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      var b = in.read();
      if (b < 0) {
        throw new EOFException("the connection ended within the head: " + head);
      }
      head.append((char) b);
    }
    var lines = List.of(head.substring(0, head.length() - 4).split("\r\n", -1));
    var headers =
        lines.stream()
            .skip(1)
            .map(
                line -> {
                  var colon = line.indexOf(':');
                  return line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon);
                })
            .toList();
    var status = Integer.parseInt(lines.getFirst().split(" ", -1)[1]);
    var response = new Response(status, headers, "");
    var length = response.header("content-length").map(Integer::parseInt).orElse(0);
    var body = method.equals("HEAD") || status == 304 ? new byte[0] : in.readNBytes(length);
    return new Response(status, headers, new String(body, StandardCharsets.UTF_8));
  }
}
