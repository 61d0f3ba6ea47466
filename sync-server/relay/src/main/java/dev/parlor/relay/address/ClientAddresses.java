package dev.parlor.relay.address;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Determines the address that a request counts for. Limits and tables by address use it. Rules that
 * a header must never override ({@code /api/admin}) use the address of the socket itself.
 *
 * <p>The header counts only if the socket's own address is in the list of trusted proxies. Then the
 * client's address is the right-most address in the header that is not in the list: each proxy in
 * the list is trusted about the address before it. If all are in the list, the left-most one
 * counts. If an element on the way is malformed or names no address, the header counts as absent.
 *
 * @param trusted the proxies; if empty, no header counts
 * @param header the one header that counts
 */
public record ClientAddresses(List<AddressBlock> trusted, ForwardedHeader header) {

  /**
   * The maximum number of addresses read in one request, from the right; with more, the header
   * counts as absent.
   */
  static final int ADDRESSES_MAX = 32;

  /** The name for a socket without an address, such as a Unix domain socket. */
  static final String LOCAL = "local";

  public ClientAddresses {
    trusted = List.copyOf(trusted);
  }

  /** Trusts no proxy: each request counts for its socket's address. */
  public static ClientAddresses ofSockets() {
    return new ClientAddresses(List.of(), ForwardedHeader.X_FORWARDED_FOR);
  }

  /**
   * The address that a request counts for, always in the same spelling.
   *
   * @param socket the remote address of its socket, null if unknown
   * @param lines gives a header's lines by its name, in the order in which they came
   */
  public String of(@Nullable SocketAddress socket, Function<String, List<String>> lines) {
    if (!(socket instanceof InetSocketAddress internet) || internet.getAddress() == null) {
      return LOCAL;
    }
    var own = IpAddress.plain(internet.getAddress());
    var client = isTrusted(own) ? client(own, lines.apply(header.headerName())) : own;
    return client.getHostAddress();
  }

  private InetAddress client(InetAddress own, List<String> lines) {
    var client = own;
    var read = 0;
    for (var line : lines.reversed()) {
      for (var element : header.elements(line, ADDRESSES_MAX + 1 - read)) {
        var address = header.address(element);
        if (address.isEmpty() || read == ADDRESSES_MAX) {
          return own;
        }
        client = address.get();
        if (!isTrusted(client)) {
          return client;
        }
        read++;
      }
    }
    return client;
  }

  private boolean isTrusted(InetAddress address) {
    for (var block : trusted) {
      if (block.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
