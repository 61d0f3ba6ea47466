package dev.parlor.relay.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A block of addresses (CIDR), such as {@code 10.0.0.0/8} or {@code fd00::/8}, or a single address.
 *
 * @param network the first address of the block
 * @param bits the number of leading bits that all addresses of the block share
 */
public record AddressBlock(InetAddress network, int bits) {

  private static final int MAPPED_BITS = 96;

  public AddressBlock {
    network = masked(IpAddress.plain(network), bits);
  }

  /** Parses a block or a single address; empty when the text is neither. */
  public static Optional<AddressBlock> parse(String text) {
    var slash = text.indexOf('/');
    var addressText = slash < 0 ? text : text.substring(0, slash);
    var address = IpAddress.parse(addressText);
    if (address.isEmpty()) {
      return Optional.empty();
    }
    var bitsMax = address.get().getAddress().length * 8;
    if (slash < 0) {
      return Optional.of(new AddressBlock(address.get(), bitsMax));
    }
    var number = text.substring(slash + 1);
    if (!number.matches("0|[1-9][0-9]{0,2}")) {
      return Optional.empty();
    }
    // ::ffff:10.0.0.0/104 is the same block as 10.0.0.0/8.
    var mapped = bitsMax == 32 && addressText.contains(":") ? MAPPED_BITS : 0;
    var bits = Integer.parseInt(number) - mapped;
    return bits >= 0 && bits <= bitsMax
        ? Optional.of(new AddressBlock(address.get(), bits))
        : Optional.empty();
  }

  /**
   * Whether the address is in the block; a block of IPv4 contains no IPv6 address, and vice versa.
   */
  public boolean contains(InetAddress address) {
    var networkBytes = network.getAddress();
    var addressBytes = address.getAddress();
    if (networkBytes.length != addressBytes.length) {
      return false;
    }
    for (var bit = 0; bit < bits; bit += 8) {
      var mask = mask(bits - bit);
      if (((networkBytes[bit / 8] ^ addressBytes[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  private static InetAddress masked(InetAddress address, int bits) {
    var bytes = address.getAddress();
    for (var at = 0; at < bytes.length; at++) {
      bytes[at] = (byte) (bytes[at] & mask(bits - at * 8));
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  /** A byte with this number of leading bits set. */
  private static int mask(int bits) {
    return bits <= 0 ? 0 : bits >= 8 ? 0xFF : (0xFF << (8 - bits)) & 0xFF;
  }

  /** The block in the form that {@link #parse} reads. */
  @Override
  public String toString() {
    return network.getHostAddress() + "/" + bits;
  }
}
