package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.relay.config.Limits;
import dev.parlor.room.limits.ServiceLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that begin with a header of the PROXY protocol, from 127.0.0.1 as the proxy. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProxyProtocolIT {
  private static final String[] UPGRADE = {
    "Connection", "Upgrade",
    "Upgrade", "websocket",
    "Sec-WebSocket-Version", "13",
    "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="
  };

  private static TestServer server(Path folder, String... further) throws Exception {
    var all = ServiceLimits.defaults();
    var access = all.access();
    var traffic = all.relay().traffic();
    var settings =
        new HashMap<>(Map.of("PARLOR_PROXY_PROTOCOL", "on", "PARLOR_TRUSTED_PROXIES", "127.0.0.1"));
    if (further.length > 0) {
      settings.put(further[0], further[1]);
    }
    // One identity a minute and one socket for each address.
    return TestServer.start(
        folder,
        PageFiles.in(folder),
        all.with(new ServiceLimits.Access(access.ticketSeconds(), access.ticketsMax(), 1, 1))
            .with(
                new Limits.Traffic(traffic.messagesPerSecondMax(), traffic.bytesPerSecondMax(), 1)),
        settings);
  }

  private static byte[] version1(String client) {
    return ("PROXY TCP4 " + client + " 127.0.0.1 40000 8787\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The binary header for a connection over TCP and IPv4. */
  private static byte[] version2(int... client) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10, 0x21, 0x11});
    out.writeBytes(ByteBuffer.allocate(2).putShort((short) 12).array());
    for (var part : client) {
      out.write(part);
    }
    out.writeBytes(new byte[] {127, 0, 0, 1});
    out.writeBytes(ByteBuffer.allocate(4).putShort((short) 40_000).putShort((short) 8787).array());
    return out.toByteArray();
  }

  private static RawHttp open(int port, String from, byte[] header) throws IOException {
    var http = new RawHttp(from, port);
    http.sendBytes(header);
    return http;
  }

  private static int create(int port, String from, byte[] header, String... headers)
      throws IOException {
    try (var http = open(port, from, header)) {
      http.send("POST", "/api/identities", "{}", headers);
      return http.response().status();
    }
  }

  @Test
  @DisplayName("The address in the PROXY header counts, whatever X-Forwarded-For the client sends")
  void addressOfTheHeaderCounts(@TempDir Path folder) throws Exception {
    try (var server = server(folder)) {
      var port = server.port();
      assertEquals(201, create(port, "127.0.0.1", version1("192.0.2.1")));
      assertEquals(429, create(port, "127.0.0.1", version1("192.0.2.1")));
      var spoofed = new String[] {"X-Forwarded-For", "192.0.2.99"};
      assertEquals(429, create(port, "127.0.0.1", version1("192.0.2.1"), spoofed));
      assertEquals(429, create(port, "127.0.0.1", version2(192, 0, 2, 1), spoofed));
      assertEquals(201, create(port, "127.0.0.1", version2(192, 0, 2, 2), spoofed));
      assertEquals(201, create(port, "127.0.0.1", version1("192.0.2.99")));
    }
  }

  @Test
  @DisplayName("The PROXY header of an address that is no trusted proxy does not count")
  void headerOfAnUntrustedAddressDoesNotCount(@TempDir Path folder) throws Exception {
    try (var server = server(folder)) {
      assertEquals(201, create(server.port(), "127.0.0.9", version1("192.0.2.1")));
      assertEquals(429, create(server.port(), "127.0.0.9", version1("192.0.2.2")));
      assertEquals(201, create(server.port(), "127.0.0.1", version1("192.0.2.2")));
    }
  }

  @Test
  @DisplayName("A connection without a PROXY header is closed without an answer")
  void connectionWithoutAHeaderIsClosed(@TempDir Path folder) throws Exception {
    try (var server = server(folder)) {
      try (var http = new RawHttp(server.port())) {
        http.send("GET", "/health/live");
        assertThrows(IOException.class, http::response);
      }
    }
  }

  @Test
  @DisplayName("A request that came through the proxy never reaches the admin API")
  void adminApiIsHidden(@TempDir Path folder) throws Exception {
    try (var server = server(folder);
        var http = open(server.port(), "127.0.0.1", version1("127.0.0.1"))) {
      http.send("GET", "/api/admin/rooms", "Host", "localhost");
      assertEquals(404, http.response().status());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop", "helidon"})
  @DisplayName("WebSockets are counted by the address in the PROXY header, on each transport")
  void socketsAreCountedByTheHeader(String transport, @TempDir Path folder) throws Exception {
    var open = new ArrayList<RawHttp>();
    try (var server = server(folder, "PARLOR_SOCKETS", transport)) {
      for (var client : List.of("192.0.2.1", "192.0.2.2", "192.0.2.1")) {
        var http = open(server.port(), "127.0.0.1", version1(client));
        open.add(http);
        http.send("GET", "/sync", UPGRADE);
        assertEquals(open.size() == 3 ? 429 : 101, http.head().status(), client);
      }
    } finally {
      for (var http : open) {
        http.close();
      }
    }
  }
}
