package dev.parlor.relay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBlockTest {

  private static boolean contains(String block, String address) {
    return AddressBlock.parse(block).orElseThrow().contains(InetAddress.ofLiteral(address));
  }

  @ParameterizedTest(name = "{0} contains {1} and not {2}")
  @DisplayName("A block contains exactly the addresses that start with its leading bits")
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, 11.0.0.0",
    "10.0.0.1/8, 10.200.0.9, 9.255.255.255",
    "192.0.2.128/25, 192.0.2.200, 192.0.2.127",
    "192.0.2.7, 192.0.2.7, 192.0.2.6",
    "192.0.2.7/32, 192.0.2.7, 192.0.2.8",
    "192.0.2.6/31, 192.0.2.7, 192.0.2.8",
    "0.0.0.0/0, 255.1.2.3, ::1",
    "::/0, 2001:db8::1, 192.0.2.1",
    "fd00::/8, fdff::1, fe00::1",
    "FD00::/8, fd12::1, fc00::1",
    "2001:db8::/33, 2001:db8:7fff::1, 2001:db8:8000::1",
    "::1, ::1, ::2",
    "::1/128, 0:0:0:0:0:0:0:1, 127.0.0.1",
    "::ffff:10.0.0.0/104, 10.1.2.3, 11.1.2.3",
    "::ffff:192.0.2.1, 192.0.2.1, 192.0.2.2",
  })
  void blockContainsItsAddresses(String block, String inside, String outside) {
    assertTrue(contains(block, inside));
    assertFalse(contains(block, outside));
    var parsed = AddressBlock.parse(block).orElseThrow();
    assertEquals(parsed, AddressBlock.parse(parsed.toString()).orElseThrow());
  }

  @ParameterizedTest
  @DisplayName("A text that is neither an address nor a block is refused")
  @ValueSource(
      strings = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/8/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0/8",
        "10.0.0.0-10.0.0.9",
        "10.*",
        "*",
        "all",
        "localhost",
        "nginx",
        "proxy.example",
        "http://10.0.0.1",
        "10.0.0.1:80",
        "[::1]",
        "[::1]:80",
        "::1/129",
        "fe80::1%eth0",
        "fe80::%1/10",
        "::ffff:10.0.0.0/8",
        "::ffff:10.0.0.0/129",
        "10.0.0.256",
        "010.0.0.1",
        "1",
        "10.0.0.0 /8",
        "10.0.0.0/ 8",
        "2001:db8::1::",
        "2001:db8/32",
      })
  void otherTextIsRefused(String text) {
    assertTrue(AddressBlock.parse(text).isEmpty(), text);
  }
}
