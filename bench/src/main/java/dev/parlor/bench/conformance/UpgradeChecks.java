package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Checks of the upgrade from HTTP: headers [WS6] and origins [WS5]. */
final class UpgradeChecks {

  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private UpgradeChecks() {}

  static List<Check> all() {
    return Stream.of(acceptedUpgrades(), refusedUpgrades()).flatMap(List::stream).toList();
  }

  private static List<Check> acceptedUpgrades() {
    return List.of(
        Check.quick(
            "WS5",
            "accepts an upgrade without an Origin",
            probe -> expectUpgrade(probe, probe.upgrade())),
        Check.quick(
            "WS5",
            "accepts an upgrade from a page of the server's origin",
            probe -> expectUpgrade(probe, probe.upgrade().with("Origin", probe.target().origin()))),
        Check.quick(
            "WS5",
            "refuses an upgrade from a page of another origin with 403",
            UpgradeChecks::origins),
        Check.quick("WS5", "answers an upgrade at another path with 404", UpgradeChecks::path),
        Check.quick("WS6", "grants an upgrade as RFC 6455 requires", UpgradeChecks::grant),
        Check.quick(
            "WS6",
            "reads the upgrade's header names in any case and order",
            probe ->
                expectUpgrade(
                    probe,
                    probe
                        .upgrade()
                        .without("Host")
                        .without("Connection")
                        .with("CONNECTION", "Upgrade")
                        .with("user-agent", "parlor-conformance")
                        .with("hOST", probe.target().authority()))),
        Check.quick(
            "WS6",
            "reads Upgrade in any case",
            probe -> expectUpgrade(probe, probe.upgrade().with("Upgrade", "WebSocket"))),
        Check.quick(
            "WS6",
            "reads Connection as a list in any case",
            probe ->
                expectUpgrade(probe, probe.upgrade().with("Connection", "keep-alive, uPGRADE"))),
        Check.quick(
            "WS6",
            "selects no extension or subprotocol that the client did not offer",
            UpgradeChecks::extensions),
        Check.quick(
            "WS6",
            "works with a client that offers compression",
            probe -> {
              var connection = probe.connect();
              var offer = "permessage-deflate; client_max_window_bits";
              connection.write(probe.upgrade().with("Sec-WebSocket-Extensions", offer).bytes());
              var answer = connection.answer();
              if (!answer.isGranted()) {
                throw new Finding("HTTP status 101", answer.describe());
              }
              new ConformancePeer(connection, probe.newId()).join();
            }));
  }

  private static List<Check> refusedUpgrades() {
    return List.of(
        refused("refuses an upgrade without Sec-WebSocket-Key", 0, "Sec-WebSocket-Key", ""),
        refused(
            "refuses a Sec-WebSocket-Key of a length other than 16 bytes",
            400,
            "Sec-WebSocket-Key",
            "abc"),
        refused("refuses an upgrade to another protocol", 0, "Upgrade", "h2c"),
        refused("refuses an upgrade without the Upgrade header", 0, "Upgrade", ""),
        refused("refuses an upgrade without Connection: Upgrade", 0, "Connection", "keep-alive"),
        Check.quick(
            "WS6",
            "refuses another WebSocket version with 426 or 400, and names version 13",
            UpgradeChecks::version),
        Check.quick(
            "WS6",
            "refuses an upgrade by POST",
            probe ->
                expectNoUpgrade(
                    probe.request(probe.upgrade().method("POST").with("Content-Length", "0")))),
        Check.quick(
            "WS6",
            "refuses an upgrade in HTTP/1.0",
            probe -> expectNoUpgrade(probe.request(probe.upgrade().version("HTTP/1.0")))),
        Check.quick("WS6", "reads an upgrade that comes byte by byte", UpgradeChecks::byteByByte),
        Check.quick(
            "WS6",
            "answers or ends an upgrade with a megabyte of headers",
            UpgradeChecks::hugeHeaders),
        Check.quick(
            "WS6",
            "keeps frames that arrive right after the upgrade request",
            UpgradeChecks::earlyFrames));
  }

  private static void expectUpgrade(Probe probe, UpgradeRequest upgrade) throws IOException {
    var answer = probe.request(upgrade);
    if (!answer.isGranted()) {
      throw new Finding("HTTP status 101", answer.describe());
    }
  }

  private static void expectNoUpgrade(UpgradeRequest.Answer answer) {
    if (answer.isGranted()) {
      throw new Finding("no upgrade", answer.describe());
    }
  }

  /**
   * A check that the server refuses a request with a changed header (missing if empty). A status of
   * 0 accepts any 4xx.
   */
  private static Check refused(String title, int status, String header, String value) {
    return Check.quick(
        "WS6",
        title,
        probe -> {
          var upgrade =
              value.isEmpty()
                  ? probe.upgrade().without(header)
                  : probe.upgrade().with(header, value);
          var answer = probe.request(upgrade);
          if (status == 0) {
            if (answer.isGranted() || answer.status() == 0 || answer.status() >= 500) {
              throw new Finding("an HTTP answer other than 101", answer.describe());
            }
          } else if (answer.status() != status) {
            throw new Finding("HTTP status " + status, answer.describe());
          }
        });
  }

  private static void origins(Probe probe) throws IOException {
    var acceptsAllOrigins = true;
    for (var origin : List.of("https://evil.example", "http://127.0.0.1:1", "null", "garbage")) {
      var answer = probe.request(probe.upgrade().with("Origin", origin));
      if (answer.status() == 403) {
        acceptsAllOrigins = false;
      } else if (!answer.isGranted() || !acceptsAllOrigins) {
        throw new Finding("HTTP status 403 for the origin " + origin, answer.describe());
      }
    }
    if (acceptsAllOrigins) {
      throw new NotOfferedException("pages of every origin may connect");
    }
  }

  private static void path(Probe probe) throws IOException {
    var answer = probe.request(probe.upgrade().path("/no-such-endpoint-as-this"));
    if (answer.isGranted()) {
      throw new NotOfferedException("every path is the endpoint");
    }
    if (answer.status() != 404) {
      throw new Finding("HTTP status 404", answer.describe());
    }
  }

  private static void grant(Probe probe) throws Exception {
    var sample = probe.request(probe.upgrade());
    expectAcceptValue(sample, UpgradeRequest.SAMPLE_ACCEPT);
    var key = Base64.getEncoder().encodeToString(probe.randomBytes(16).toArray());
    expectAcceptValue(probe.request(probe.upgrade().with("Sec-WebSocket-Key", key)), acceptOf(key));
    if (!sample.header("Upgrade").equalsIgnoreCase("websocket")) {
      throw new Finding("Upgrade: websocket", "'" + sample.header("Upgrade") + "'");
    }
    if (!sample.header("Connection").toLowerCase(Locale.ROOT).contains("upgrade")) {
      throw new Finding("Connection: Upgrade", "'" + sample.header("Connection") + "'");
    }
  }

  private static void expectAcceptValue(UpgradeRequest.Answer answer, String value) {
    if (!answer.isGranted()) {
      throw new Finding("HTTP status 101", answer.describe());
    }
    if (!answer.header("Sec-WebSocket-Accept").equals(value)) {
      throw new Finding(
          "Sec-WebSocket-Accept: " + value, "'" + answer.header("Sec-WebSocket-Accept") + "'");
    }
  }

  private static String acceptOf(String key) throws NoSuchAlgorithmException {
    var bytes = (key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII);
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(bytes));
  }

  private static void extensions(Probe probe) throws IOException {
    var plain = probe.request(probe.upgrade());
    for (var header : List.of("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol")) {
      if (!plain.header(header).isEmpty()) {
        throw new Finding("no " + header, "'" + plain.header(header) + "'");
      }
    }
    var unknown = probe.request(probe.upgrade().with("Sec-WebSocket-Extensions", "x-unheard-of"));
    if (!unknown.header("Sec-WebSocket-Extensions").isEmpty()) {
      throw new Finding(
          "no unknown extension", "'" + unknown.header("Sec-WebSocket-Extensions") + "'");
    }
  }

  private static void version(Probe probe) throws IOException {
    for (var version : List.of("1", "14", "")) {
      var upgrade =
          version.isEmpty()
              ? probe.upgrade().without("Sec-WebSocket-Version")
              : probe.upgrade().with("Sec-WebSocket-Version", version);
      var answer = probe.request(upgrade);
      if (answer.status() != 426 && answer.status() != 400) {
        throw new Finding(
            "HTTP status 426 or 400 for version '" + version + "'", answer.describe());
      }
      if (answer.status() == 426 && !answer.header("Sec-WebSocket-Version").contains("13")) {
        throw new Finding(
            "Sec-WebSocket-Version: 13", "'" + answer.header("Sec-WebSocket-Version") + "'");
      }
    }
  }

  private static void byteByByte(Probe probe) throws IOException {
    var connection = probe.connect();
    var bytes = probe.upgrade().bytes();
    for (var i = 0; i < bytes.length(); i++) {
      connection.write(bytes.slice(i, 1));
    }
    var answer = connection.answer();
    if (!answer.isGranted()) {
      throw new Finding("HTTP status 101", answer.describe());
    }
    new ConformancePeer(connection, probe.newId()).join();
  }

  private static void hugeHeaders(Probe probe) throws IOException {
    var answer = probe.request(probe.upgrade().with("X-Padding", "x".repeat(1 << 20)));
    if (answer.isGranted()) {
      throw new NotOfferedException("a megabyte of headers is accepted");
    }
  }

  /**
   * RFC 6455 forbids a client to send frames before the answer, so a server may end such a
   * connection. It must not keep the connection open and skip the bytes.
   */
  private static void earlyFrames(Probe probe) throws IOException {
    var connection = probe.connect();
    var peer = new ConformancePeer(connection, probe.newId());
    var join = RawFrames.binary(WireCodec.encode(peer.joinMessage()));
    var ping = RawFrames.ping(Bytes.utf8("early"));
    connection.write(Bytes.concat(List.of(probe.upgrade().bytes(), join, ping)));
    var answer = connection.answer();
    if (!answer.isGranted()) {
      return;
    }
    switch (connection.read()) {
      case RawConnection.Frame.Data _ -> {
        var pong = connection.read();
        if (!pong.equals(new RawConnection.Frame.Pong(Bytes.utf8("early")))) {
          throw new Finding("the pong of the early ping", pong.toString());
        }
      }
      case RawConnection.Frame.Close _, RawConnection.Frame.Disconnected _ -> {}
      case RawConnection.Frame frame ->
          throw new Finding("the answer to the early join", frame.toString());
    }
  }
}
