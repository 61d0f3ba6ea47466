package dev.parlor.relay.address;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The header in which proxies state the address of the client. Both headers are lists: each proxy
 * appends an element at the right. Only the right end is reliable, since the client itself may have
 * written the left. So both headers are read from the right, and only as far as needed. Invalid
 * elements at the left do not affect the elements that proxies append.
 */
public enum ForwardedHeader {
  /** {@code X-Forwarded-For: 192.0.2.1, 10.0.0.7}: addresses separated by commas. */
  X_FORWARDED_FOR {
    @Override
    Optional<String> node(String element) {
      return Optional.of(element);
    }
  },

  /** {@code Forwarded: for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"} (RFC 7239). */
  FORWARDED {
    @Override
    Optional<String> node(String element) {
      var found = Optional.<String>empty();
      for (var pair : split(element, ';', Integer.MAX_VALUE)) {
        var equals = pair.indexOf('=');
        if (equals < 0 || !TOKEN.matcher(pair.substring(0, equals)).matches()) {
          return Optional.empty();
        }
        var value = value(pair.substring(equals + 1));
        var isFor = pair.substring(0, equals).equalsIgnoreCase("for");
        if (value.isEmpty() || (isFor && found.isPresent())) {
          return Optional.empty();
        }
        found = isFor ? value : found;
      }
      return found;
    }
  };

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** An unquoted value. It may have a colon or brackets, since not all proxies quote these. */
  private static final Pattern UNQUOTED = Pattern.compile("[^\\s\"\\\\,;=]+");

  private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"");

  /**
   * Maximum characters of one element; usual elements have about 100. A longer element is
   * malformed.
   */
  private static final int ELEMENT_LENGTH_MAX = 512;

  /** The node in an element: an address or a placeholder for one; empty when malformed. */
  abstract Optional<String> node(String element);

  /** The address in an element; empty if the element is malformed or has no address. */
  Optional<InetAddress> address(String element) {
    return element.length() > ELEMENT_LENGTH_MAX
        ? Optional.empty()
        : node(element).flatMap(IpAddress::ofNode);
  }

  /**
   * The elements of one line from right to left, without empty ones.
   *
   * @param max the maximum number of elements to read; elements further left are ignored
   */
  List<String> elements(String line, int max) {
    return split(line, ',', max);
  }

  /** The header's name as requests write it, in lower case. */
  public String headerName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The header with this name, in any case. */
  public static Optional<ForwardedHeader> ofName(String name) {
    for (var header : values()) {
      if (header.headerName().equalsIgnoreCase(name)) {
        return Optional.of(header);
      }
    }
    return Optional.empty();
  }

  /**
   * Splits at separators outside quoted strings. It reads from the right, so that an unmatched
   * quotation mark of a client affects only the part that the client wrote.
   */
  private static List<String> split(String text, char separator, int max) {
    var parts = new ArrayList<String>();
    var quoted = false;
    var end = text.length();
    for (var at = end - 1; at >= -1 && parts.size() < max; at--) {
      if (at >= 0 && text.charAt(at) == '"' && !isEscaped(text, at)) {
        quoted = !quoted;
      }
      if (at < 0 || (text.charAt(at) == separator && !quoted)) {
        var part = text.substring(at + 1, end).strip();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        end = at;
      }
    }
    return parts;
  }

  private static boolean isEscaped(String text, int quote) {
    var at = quote;
    while (at > 0 && text.charAt(at - 1) == '\\') {
      at--;
    }
    return (quote - at) % 2 == 1;
  }

  private static Optional<String> value(String text) {
    var quoted = QUOTED.matcher(text);
    if (quoted.matches()) {
      return Optional.of(quoted.group(1).replaceAll("\\\\(.)", "$1"));
    }
    return UNQUOTED.matcher(text).matches() ? Optional.of(text) : Optional.empty();
  }
}
