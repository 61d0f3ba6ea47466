package dev.parlor.relay.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parses addresses from text. Host names are never looked up.
 *
 * <p>An IPv4 address has four decimal numbers without leading zeros, since some programs read those
 * as octal. An IPv4 address inside an IPv6 address ({@code ::ffff:192.0.2.1}) counts as that IPv4
 * address. A zone ({@code fe80::1%eth0}) is dropped, because it names an interface of another
 * machine.
 */
final class IpAddress {

  /**
   * The maximum length of an address with zone, brackets and port. A longer text is not an address.
   */
  private static final int LENGTH_MAX = 128;

  private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern V4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");

  /** The characters of an IPv6 address; Java's own parser checks the groups. */
  private static final Pattern V6 =
      Pattern.compile("([0-9A-Fa-f:]*:)([0-9A-Fa-f]*|" + V4.pattern() + ")");

  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._~%-]+");

  /** A port, or an obfuscated port of RFC 7239. */
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}|_[A-Za-z0-9._-]+");

  private IpAddress() {}

  /** Parses an address without port, brackets and zone. */
  static Optional<InetAddress> parse(String text) {
    if (text.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    try {
      if (V4.matcher(text).matches()) {
        return Optional.of(InetAddress.ofLiteral(text));
      }
      return V6.matcher(text).matches()
          ? Optional.of(plain(Inet6Address.ofLiteral(text)))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /**
   * Parses an address as proxies write it: with or without a port; IPv6 also with or without
   * brackets and zone.
   *
   * @return empty for any other text, including {@code unknown} and obfuscated identifiers
   */
  static Optional<InetAddress> ofNode(String text) {
    if (text.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    if (text.startsWith("[")) {
      var end = text.indexOf(']');
      return end > 0 && isPortOrNothing(text.substring(end + 1))
          ? v6(text.substring(1, end))
          : Optional.empty();
    }
    var colon = text.indexOf(':');
    if (colon >= 0 && colon == text.lastIndexOf(':')) {
      var host = text.substring(0, colon);
      return V4.matcher(host).matches() && isPortOrNothing(text.substring(colon))
          ? parse(host)
          : Optional.empty();
    }
    return colon < 0 ? parse(text) : v6(text);
  }

  /** Returns the address without its zone, and an IPv4 address in IPv6 form as IPv4. */
  static InetAddress plain(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  private static Optional<InetAddress> v6(String text) {
    var percent = text.indexOf('%');
    if (percent >= 0 && !ZONE.matcher(text.substring(percent + 1)).matches()) {
      return Optional.empty();
    }
    var address = percent < 0 ? text : text.substring(0, percent);
    return address.contains(":") ? parse(address) : Optional.empty();
  }

  private static boolean isPortOrNothing(String text) {
    return text.isEmpty() || (text.startsWith(":") && isPort(text.substring(1)));
  }

  private static boolean isPort(String text) {
    return PORT.matcher(text).matches()
        && (text.startsWith("_") || Integer.parseInt(text) <= 65_535);
  }
}
