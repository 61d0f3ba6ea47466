package dev.parlor.relay.address;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Determines the client address of a request, for limits and tables by address. Rules that a header
 * must never override ({@code /api/admin}) use the address of the socket instead.
 *
 * <p>The header is read only if the socket's address is a trusted proxy. Each trusted proxy is
 * believed about the address that it appended. So the client address is the right-most address in
 * the header that is not a trusted proxy. If all addresses are trusted proxies, it is the left-most
 * one. If an element that is read is malformed or has no address, the header is ignored.
 *
 * @param trusted the trusted proxies; if empty, the header is never read
 * @param header the header that is read
 * @param proxyProtocol whether each connection begins with a PROXY protocol header. The web server
 *     then appends the address in it to each request's {@code X-Forwarded-For}, which is the header
 *     that is read
 */
public record ClientAddresses(
    List<AddressBlock> trusted, ForwardedHeader header, boolean proxyProtocol) {

  /**
   * The maximum number of trusted addresses read from the right of the header; above it, the header
   * is ignored.
   */
  static final int ADDRESSES_MAX = 32;

  /** The result for a socket without an address, such as a Unix domain socket. */
  static final String LOCAL = "local";

  public ClientAddresses {
    trusted = List.copyOf(trusted);
    if (proxyProtocol && header != ForwardedHeader.X_FORWARDED_FOR) {
      throw new IllegalArgumentException("the PROXY protocol appends to X-Forwarded-For");
    }
  }

  /** The rules of a server whose proxies speak HTTP. */
  public ClientAddresses(List<AddressBlock> trusted, ForwardedHeader header) {
    this(trusted, header, false);
  }

  /** Trusts no proxy: the client address is always the address of the socket. */
  public static ClientAddresses ofSockets() {
    return new ClientAddresses(List.of(), ForwardedHeader.X_FORWARDED_FOR);
  }

  /**
   * The client address of a request, in canonical form.
   *
   * @param socket the remote address of the request's socket; null if unknown
   * @param lines returns the lines of the header with a given name, in the order of the request
   */
  public String of(@Nullable SocketAddress socket, Function<String, List<String>> lines) {
    if (!(socket instanceof InetSocketAddress internet) || internet.getAddress() == null) {
      return LOCAL;
    }
    var socketAddress = IpAddress.plain(internet.getAddress());
    var client =
        isTrusted(socketAddress)
            ? client(socketAddress, lines.apply(header.headerName()))
            : socketAddress;
    return client.getHostAddress();
  }

  private InetAddress client(InetAddress socketAddress, List<String> lines) {
    var client = socketAddress;
    var read = 0;
    for (var line : lines.reversed()) {
      for (var element : header.elements(line, ADDRESSES_MAX + 1 - read)) {
        var address = header.address(element);
        if (address.isEmpty() || read == ADDRESSES_MAX) {
          return socketAddress;
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
