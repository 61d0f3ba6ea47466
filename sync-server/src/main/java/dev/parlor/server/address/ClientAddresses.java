package dev.parlor.server.address;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says for which address a request counts. Limits and tables by address ask here; what must not be
 * talked round ({@code /api/admin}) looks at the socket itself.
 *
 * <p>The header counts only if the socket's own address is in the list of trusted proxies. Then the
 * client's address is the right-most one in the header that is not in the list: each proxy in the
 * list is believed about the address in front of it. If all are in the list, the left-most one
 * counts. If an element on the way is malformed or names no address, the header counts as absent.
 *
 * @param trusted the proxies; none: no header counts
 * @param header the one header that counts
 */
public record ClientAddresses(List<AddressBlock> trusted, ForwardedHeader header) {

  /** Addresses read in one request, from the right; above: as if there was no header. */
  static final int ADDRESSES_MAX = 32;

  /** Stands for a socket that has no address, as one of the Unix domain. */
  static final String LOCAL = "local";

  public ClientAddresses {
    trusted = List.copyOf(trusted);
  }

  /** No proxy is trusted: each request counts for its socket's address. */
  public static ClientAddresses ofSockets() {
    return new ClientAddresses(List.of(), ForwardedHeader.X_FORWARDED_FOR);
  }

  /**
   * The address that a request counts for, always in the same spelling.
   *
   * @param socket the other end of its socket, null if that is not known
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
