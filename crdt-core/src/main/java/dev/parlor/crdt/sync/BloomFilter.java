package dev.parlor.crdt.sync;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;

/**
 * A Bloom filter of change hashes with ten bits for each hash. About one in a hundred absent hashes
 * is a false positive; there are no false negatives [SY2]. Immutable.
 *
 * <p>Encoded as the number of entries, the bits per entry and the number of probes (LEB128), then
 * the bits. A filter without entries is encoded as no bytes. The probes of a hash are x, x + y, x +
 * 2y + z, ... where x, y, z are the little-endian words at bytes 0, 4 and 8 of the hash, all modulo
 * the number of bits.
 *
 * <p>Source: Kleppmann and Howard, "Byzantine Eventual Consistency and the Fundamental Limits of
 * Peer-to-Peer Databases", 2020; automerge {@code sync/bloom.rs}.
 */
public final class BloomFilter {

  public static final BloomFilter EMPTY = new BloomFilter(0, 10, 7, Bytes.EMPTY);

  private static final int BITS_PER_ENTRY = 10;
  private static final int PROBES = 7;
  private static final int BITS_PER_ENTRY_MAX = 1 << 10;

  private final int entries;
  private final int bitsPerEntry;
  private final int probes;
  private final Bytes bits;

  private BloomFilter(int entries, int bitsPerEntry, int probes, Bytes bits) {
    this.entries = entries;
    this.bitsPerEntry = bitsPerEntry;
    this.probes = probes;
    this.bits = bits;
  }

  /** The filter of {@code count} hashes; Automerge makes the same filter of them. */
  public static BloomFilter of(Iterable<ChangeHash> hashes, int count) {
    if (count == 0) {
      return EMPTY;
    }
    var bits = new byte[length(count, BITS_PER_ENTRY)];
    var modulo = 8L * bits.length;
    for (var hash : hashes) {
      var x = x(hash) % modulo;
      var y = y(hash) % modulo;
      var z = z(hash) % modulo;
      for (var probe = 0; probe < PROBES; probe++) {
        bits[(int) (x >>> 3)] |= (byte) (1 << (x & 7));
        x = sum(x, y, modulo);
        y = sum(y, z, modulo);
      }
    }
    return new BloomFilter(count, BITS_PER_ENTRY, PROBES, Bytes.wrap(bits));
  }

  /** Decodes a filter. */
  public static Decoding<BloomFilter> decode(Bytes bytes, SyncLimits limits) {
    if (bytes.isEmpty()) {
      return Decoding.of(EMPTY);
    }
    if (bytes.length() > limits.filterBytesMax()) {
      return Decoding.malformed(
          "SY2", "the Bloom filter exceeds " + limits.filterBytesMax() + " bytes");
    }
    var reader = new ByteReader(bytes);
    var entries = reader.count("the filter's entries", limits.filterBytesMax() * 8);
    if (entries == 0) {
      reader.fail("a filter without entries has no bytes");
    }
    var bitsPerEntry = reader.count("the filter's bits per entry", BITS_PER_ENTRY_MAX);
    var probes = reader.count("the filter's probes", limits.probesMax());
    if (!reader.failed() && length(entries, bitsPerEntry) != reader.remaining()) {
      reader.fail("the filter's length does not match its entries");
    }
    if (reader.failed()) {
      return Decoding.malformed("SY2", reader.failure());
    }
    var bits = reader.bytes("the filter's bits", reader.remaining());
    return Decoding.of(new BloomFilter(entries, bitsPerEntry, probes, bits));
  }

  /** The number of hashes in the filter, as its sender says. */
  int entries() {
    return entries;
  }

  public boolean isEmpty() {
    return entries == 0;
  }

  /** False if the hash is certainly not in the set. */
  public boolean contains(ChangeHash hash) {
    if (entries == 0 || bits.isEmpty()) {
      return false;
    }
    var modulo = 8L * bits.length();
    var x = x(hash) % modulo;
    var y = y(hash) % modulo;
    var z = z(hash) % modulo;
    for (var probe = 0; probe == 0 || probe < probes; probe++) {
      if ((bits.at((int) (x >>> 3)) & (1 << (x & 7))) == 0) {
        return false;
      }
      x = sum(x, y, modulo);
      y = sum(y, z, modulo);
    }
    return true;
  }

  public Bytes encode() {
    if (entries == 0) {
      return Bytes.EMPTY;
    }
    return new ByteWriter(
            ByteWriter.ulebLength(entries)
                + ByteWriter.ulebLength(bitsPerEntry)
                + ByteWriter.ulebLength(probes)
                + bits.length())
        .uleb(entries)
        .uleb(bitsPerEntry)
        .uleb(probes)
        .bytes(bits)
        .toBytes();
  }

  /** The sum of two numbers below the modulus, without a division. */
  private static long sum(long left, long right, long modulo) {
    var sum = left + right;
    return sum < modulo ? sum : sum - modulo;
  }

  /** The number of bytes for the entries, rounded up, and at most the largest int. */
  private static int length(int entries, int bitsPerEntry) {
    return (int) Math.min(Integer.MAX_VALUE, ((long) entries * bitsPerEntry + 7) / 8);
  }

  private static long x(ChangeHash hash) {
    return Integer.toUnsignedLong(Integer.reverseBytes((int) (hash.a() >>> 32)));
  }

  private static long y(ChangeHash hash) {
    return Integer.toUnsignedLong(Integer.reverseBytes((int) hash.a()));
  }

  private static long z(ChangeHash hash) {
    return Integer.toUnsignedLong(Integer.reverseBytes((int) (hash.b() >>> 32)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BloomFilter that
        && entries == that.entries
        && bitsPerEntry == that.bitsPerEntry
        && probes == that.probes
        && bits.equals(that.bits);
  }

  @Override
  public int hashCode() {
    return 31 * entries + bits.hashCode();
  }

  @Override
  public String toString() {
    return "BloomFilter[" + entries + " entries]";
  }
}
