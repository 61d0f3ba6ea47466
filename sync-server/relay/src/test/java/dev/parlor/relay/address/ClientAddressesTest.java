package dev.parlor.relay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressesTest {
  private static final String PROXY = "10.0.0.1";

  private static ClientAddresses trusting(ForwardedHeader header, String... blocks) {
    return new ClientAddresses(
        Arrays.stream(blocks).map(text -> AddressBlock.parse(text).orElseThrow()).toList(), header);
  }

  private static final ClientAddresses FROM_X_FORWARDED_FOR =
      trusting(ForwardedHeader.X_FORWARDED_FOR, "10.0.0.0/8", "fd00::/8");
  private static final ClientAddresses FROM_FORWARDED =
      trusting(ForwardedHeader.FORWARDED, "10.0.0.0/8", "fd00::/8");

  private static SocketAddress socket(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 4711);
  }

  private static String clientAddress(ClientAddresses addresses, String socket, String... lines) {
    return addresses.of(
        socket(socket), Map.of(addresses.header().headerName(), List.of(lines))::get);
  }

  @ParameterizedTest(name = "{0} gives {1}")
  @DisplayName(
      "X-Forwarded-For of a trusted proxy: the client is the right-most address that is not a trusted proxy")
  @CsvSource(
      delimiter = '|',
      value = {
        "192.0.2.1                                | 192.0.2.1",
        "6.6.6.6, 192.0.2.1                       | 192.0.2.1",
        "6.6.6.6, 192.0.2.1, 10.0.0.2             | 192.0.2.1",
        "6.6.6.6,192.0.2.1,10.0.0.2,fd00::7       | 192.0.2.1",
        "nonsense, 192.0.2.1                      | 192.0.2.1",
        "'\"open, 192.0.2.1'                      | 192.0.2.1",
        "192.0.2.1:567                            | 192.0.2.1",
        "[2001:DB8::1]:5                          | 2001:db8:0:0:0:0:0:1",
        "[2001:db8::1]                            | 2001:db8:0:0:0:0:0:1",
        "2001:db8:0:0:0:0:0:1                     | 2001:db8:0:0:0:0:0:1",
        "::ffff:192.0.2.1                         | 192.0.2.1",
        "[::FFFF:192.0.2.1]:80                    | 192.0.2.1",
        "::ffff:c000:201                          | 192.0.2.1",
        "fe80::1%eth0                             | fe80:0:0:0:0:0:0:1",
        "[fe80::1%25eth0]:9                       | fe80:0:0:0:0:0:0:1",
        "192.0.2.1 , , 10.0.0.9 ,                 | 192.0.2.1",
        "10.1.1.1, 10.0.0.2                       | 10.1.1.1",
      })
  void rightMostUntrustedAddressOfXForwardedFor(String line, String expected) {
    assertEquals(expected, clientAddress(FROM_X_FORWARDED_FOR, PROXY, line));
  }

  @ParameterizedTest(name = "{0} is ignored")
  @DisplayName("An X-Forwarded-For header is ignored if an element that is read is malformed")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``",
        "unknown",
        "_hidden",
        "nonsense",
        "localhost",
        "192.0.2",
        "3221225985",
        "192.0.2.256",
        "192.0.2.01",
        "0xC0.0.2.1",
        "192.0.2.1:",
        "192.0.2.1:65536",
        "192.0.2.1:x",
        ":80",
        "[192.0.2.1]",
        "[2001:db8::1",
        "2001:db8::1]",
        "[2001:db8::1]x",
        "[]",
        "[::1]:",
        "::1::2",
        "2001:db8::1%",
        "2001:db8::g",
        "1:2:3:4:5:6:7:8:9",
        "::ffff:192.0.2.01",
        "192.0.2.1/32",
        "\"192.0.2.1\"",
        "for=192.0.2.1",
        "192.0.2.1, unknown",
        "192.0.2.1, unknown, 10.0.0.2",
        "192.0.2.1; 192.0.2.2",
        "192.0.2.1 192.0.2.2",
        "192.0.2.1%eth0",
        "１92.0.2.1",
      })
  void malformedXForwardedForIsIgnored(String line) {
    assertEquals(PROXY, clientAddress(FROM_X_FORWARDED_FOR, PROXY, line == null ? "" : line));
  }

  @ParameterizedTest(name = "{0} gives {1}")
  @DisplayName(
      "Forwarded of a trusted proxy: the client is the right-most address that is not a trusted proxy")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "for=192.0.2.1                                         | 192.0.2.1",
        "For=192.0.2.1;Proto=https;by=10.0.0.1                 | 192.0.2.1",
        "proto=https; FOR=\"192.0.2.1:567\" ; host=\"a,b;c\"   | 192.0.2.1",
        "for=6.6.6.6, for=192.0.2.1, for=10.0.0.2              | 192.0.2.1",
        "for=\"[2001:db8:cafe::17]:4711\"                      | 2001:db8:cafe:0:0:0:0:17",
        "for=\"[2001:db8:cafe::17]\", for=\"10.0.0.3:1\"       | 2001:db8:cafe:0:0:0:0:17",
        "for=\"192.0.2.1:_port\"                               | 192.0.2.1",
        "for=\"1\\92.0.2.1\"                                   | 192.0.2.1",
        "for=192.0.2.1:80                                      | 192.0.2.1",
        "for=[2001:db8::1]:80                                  | 2001:db8:0:0:0:0:0:1",
        "for=\"::ffff:192.0.2.1\"                              | 192.0.2.1",
        "for=\"6.6.6.6, for=192.0.2.1                          | 192.0.2.1",
        "for=6.6.6.6\\, for=\"192.0.2.1\"                      | 192.0.2.1",
        "for=\"6.6.6.6\\, for=\"[2001:db8::1]\"                | 2001:db8:0:0:0:0:0:1",
        "nonsense, for=unknown, for=192.0.2.1, , ,             | 192.0.2.1",
        ";for=192.0.2.1;;                                      | 192.0.2.1",
      })
  void rightMostUntrustedAddressOfForwarded(String line, String expected) {
    assertEquals(expected, clientAddress(FROM_FORWARDED, PROXY, line));
  }

  @ParameterizedTest(name = "{0} is ignored")
  @DisplayName(
      "A Forwarded header is ignored if an element that is read is malformed or has no address")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "for=unknown",
        "for=_hidden",
        "for=\"_SEVKISEK\"",
        "for=",
        "for",
        "for=\"\"",
        "192.0.2.1",
        "proto=https",
        "for=\"192.0.2.1",
        "for=192.0.2.1\"",
        "for=192.0.2.1;for=192.0.2.2",
        "for =192.0.2.1",
        "for= 192.0.2.1",
        "for=192.0.2.1, for=unknown",
        "for=192.0.2.1, for=_hidden, for=10.0.0.2",
        "for=192.0.2.1;by=\"x",
        "for=\"192.0.2.1\"x",
        "for='192.0.2.1'",
        "for=192.0.2.1 proto=https",
        "for=192.0.2.1;host=a b",
      })
  void malformedForwardedIsIgnored(String line) {
    assertEquals(PROXY, clientAddress(FROM_FORWARDED, PROXY, line));
  }

  @Test
  @DisplayName("Several lines of the header form one list in the order of the request")
  void linesAreJoined() {
    assertEquals(
        "192.0.2.1",
        clientAddress(FROM_X_FORWARDED_FOR, PROXY, "6.6.6.6", "192.0.2.1, 10.0.0.2", "10.0.0.3"));
    assertEquals("192.0.2.1", clientAddress(FROM_X_FORWARDED_FOR, PROXY, "nonsense", "192.0.2.1"));
    assertEquals(PROXY, clientAddress(FROM_X_FORWARDED_FOR, PROXY, "192.0.2.1", "nonsense"));
    assertEquals("192.0.2.1", clientAddress(FROM_X_FORWARDED_FOR, PROXY, "192.0.2.1", ""));
    assertEquals("192.0.2.1", clientAddress(FROM_FORWARDED, PROXY, "for=\"open", "for=192.0.2.1"));
    assertEquals(PROXY, clientAddress(FROM_X_FORWARDED_FOR, PROXY));
  }

  @Test
  @DisplayName("A header from a socket that is not a trusted proxy is ignored")
  void headerOfAnUntrustedSocketIsIgnored() {
    assertEquals("192.0.2.9", clientAddress(FROM_X_FORWARDED_FOR, "192.0.2.9", "192.0.2.1"));
    assertEquals(
        "2001:db8:0:0:0:0:0:9", clientAddress(FROM_X_FORWARDED_FOR, "2001:db8::9", "192.0.2.1"));
    var none = ClientAddresses.ofSockets();
    assertEquals("127.0.0.1", clientAddress(none, "127.0.0.1", "192.0.2.1"));
  }

  @Test
  @DisplayName("Only the configured header is read")
  void otherHeadersAreNotRead() {
    for (var addresses : List.of(FROM_X_FORWARDED_FOR, FROM_FORWARDED)) {
      var requestedNames = new ArrayList<String>();
      var counted =
          addresses.of(
              socket(PROXY),
              name -> {
                requestedNames.add(name);
                return List.of();
              });
      assertEquals(PROXY, counted);
      assertEquals(List.of(addresses.header().headerName()), requestedNames);
    }
  }

  @Test
  @DisplayName(
      "The client address of a socket without an internet address is \"local\", whatever the header")
  void socketsWithoutAnAddress() {
    var all = trusting(ForwardedHeader.X_FORWARDED_FOR, "0.0.0.0/0", "::/0");
    for (var socket :
        Arrays.asList(
            null,
            UnixDomainSocketAddress.of("/run/parlor.sock"),
            InetSocketAddress.createUnresolved("proxy", 1))) {
      assertEquals("local", all.of(socket, _ -> List.of("192.0.2.1")));
    }
  }

  @Test
  @DisplayName(
      "A header with more addresses than the limit is ignored, and a long header is read quickly")
  void longHeadersAreBounded() {
    var proxies = "10.9.9.9, ".repeat(ClientAddresses.ADDRESSES_MAX - 1);
    assertEquals("192.0.2.1", clientAddress(FROM_X_FORWARDED_FOR, PROXY, "192.0.2.1, " + proxies));
    assertEquals(
        PROXY, clientAddress(FROM_X_FORWARDED_FOR, PROXY, "192.0.2.1, 10.9.9.9, " + proxies));
    assertEquals(
        PROXY, clientAddress(FROM_X_FORWARDED_FOR, PROXY, "192.0.2.1", "10.9.9.9", proxies));
    assertEquals(
        "192.0.2.1",
        clientAddress(FROM_X_FORWARDED_FOR, PROXY, "x".repeat(1 << 20) + ",192.0.2.1"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (var piece : List.of("\\", "\"", ",", ";", "=", "a=\"", "\\\"", "[", ":", "%", " ")) {
            var junk = piece.repeat(1 << 18);
            assertEquals(
                PROXY,
                clientAddress(FROM_FORWARDED, PROXY, "for=192.0.2.1;a=\"" + junk + "\",for=x"));
            assertEquals(PROXY, clientAddress(FROM_FORWARDED, PROXY, "for=\"" + junk + "x\""));
            assertEquals(
                PROXY, clientAddress(FROM_X_FORWARDED_FOR, PROXY, "192.0.2.1 " + junk + "x"));
          }
        });
  }

  @Test
  @DisplayName(
      "Text that a client writes into the header is ignored; the address that the proxy appends counts")
  void clientsCannotForgeTheirAddress() {
    var random = new Random(10);
    var alphabet = "\"\\,;=for[]:%._ 0123456789abcdefx\t";
    for (var round = 0; round < 20_000; round++) {
      var junk = new StringBuilder();
      for (var length = random.nextInt(60); length > 0; length--) {
        junk.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertEquals(
          "192.0.2.1",
          clientAddress(FROM_X_FORWARDED_FOR, PROXY, junk + ", 192.0.2.1"),
          junk::toString);
      assertEquals(
          "192.0.2.1",
          clientAddress(FROM_FORWARDED, PROXY, junk + ", for=192.0.2.1"),
          junk::toString);
      assertEquals(
          "2001:db8:0:0:0:0:0:1",
          clientAddress(FROM_FORWARDED, PROXY, junk + ", proto=\"https\";for=\"[2001:db8::1]:80\""),
          junk::toString);
    }
  }
}
