package dev.parlor.bench.fuzz;

import dev.parlor.bench.load.Trace;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * The command behind {@code ./parlor fuzz}: it mutates real messages and passes them to the
 * decoders, the graph and the sync state. The result of every input must be a value or {@code
 * Malformed}; an exception ends the run and prints the seed and the bytes. A decoded value must
 * survive encoding and decoding again.
 */
public final class DecoderFuzz {

  private static final Pattern HEX = Pattern.compile("\"([0-9a-f]{16,})\"");

  private final Random random;
  private final List<byte[]> corpus;
  private long decoded;
  private long malformed;

  private DecoderFuzz(Random random, List<byte[]> corpus) {
    this.random = random;
    this.corpus = corpus;
  }

  /** Usage: {@code [--minutes=10] [--seed=N]}; exit code 1 and the input after an exception. */
  public static void main(String[] arguments) throws IOException {
    var minutes = 10.0;
    var seed = 1L;
    for (var argument : arguments) {
      if (argument.startsWith("--minutes=")) {
        minutes = Double.parseDouble(argument.substring("--minutes=".length()));
      } else if (argument.startsWith("--seed=")) {
        seed = Long.parseLong(argument.substring("--seed=".length()));
      } else {
        System.err.println("fuzz: unknown option " + argument + "; there are --minutes and --seed");
        System.exit(2);
      }
    }
    var fuzz = new DecoderFuzz(new Random(seed), corpus(Path.of("docs/vectors")));
    var deadline = System.nanoTime() + Duration.ofMillis((long) (minutes * 60_000)).toNanos();
    var runs = 0L;
    while (System.nanoTime() - deadline < 0) {
      var input = fuzz.mutate();
      try {
        fuzz.feed(Bytes.wrap(input));
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        System.err.println(
            "fuzz: seed " + seed + ", run " + runs + ", input " + Bytes.wrap(input).toHex());
        e.printStackTrace();
        System.exit(1);
      }
      runs++;
    }
    System.out.printf(
        "fuzz: %,d inputs (seed %d, %d in the corpus): %,d decoded, %,d refused, no exception%n",
        runs, seed, fuzz.corpus.size(), fuzz.decoded, fuzz.malformed);
  }

  private static List<byte[]> corpus(Path vectors) throws IOException {
    var corpus = new ArrayList<byte[]>();
    try (var files = Files.list(vectors)) {
      for (var file : files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
        var matcher = HEX.matcher(Files.readString(file));
        while (matcher.find()) {
          if (matcher.group(1).length() % 2 == 0) {
            corpus.add(Bytes.ofHex(matcher.group(1)).toArray());
          }
        }
      }
    }
    var trace = Trace.typing(50, 1);
    trace.chunks().forEach(chunk -> corpus.add(chunk.toArray()));
    for (var i = 1; i < trace.size(); i++) {
      var newHashes = trace.hashes().subList(i, i + 1);
      var have =
          new SyncMessage.Have(trace.hashes().subList(i - 1, i), BloomFilter.of(newHashes, 1));
      corpus.add(
          SyncMessageCodec.encode(
                  new SyncMessage(
                      SyncMessage.Kind.CHANGES,
                      newHashes,
                      newHashes,
                      List.of(have),
                      trace.chunks().subList(i, i + 1),
                      null))
              .toArray());
    }
    if (corpus.size() < 100) {
      throw new IllegalStateException(
          "the corpus is too small: run this command in the project's directory");
    }
    return corpus;
  }

  private byte[] mutate() {
    var bytes = corpus.get(random.nextInt(corpus.size())).clone();
    for (var times = 1 + random.nextInt(4); times > 0 && bytes.length > 0; times--) {
      var at = random.nextInt(bytes.length);
      bytes =
          switch (random.nextInt(7)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> splice(bytes, at, corpus.get(random.nextInt(corpus.size())));
            case 2 -> {
              bytes[at] = (byte) random.nextInt(256);
              yield bytes;
            }
            case 3 -> {
              bytes[at] ^= (byte) (1 << random.nextInt(8));
              yield bytes;
            }
            case 4 -> {
              // The largest length that the encoding allows.
              for (var i = at; i < Math.min(bytes.length - 1, at + 9); i++) {
                bytes[i] = (byte) 0xff;
              }
              yield bytes;
            }
            default -> random.nextBoolean() ? withCorrectChecksum(bytes, at) : bytes;
          };
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int at, byte[] other) {
    var joined = Arrays.copyOf(bytes, at + other.length);
    System.arraycopy(other, 0, joined, at, other.length);
    return joined;
  }

  /**
   * Changes one byte of a plain change's contents and corrects its checksum, as an attacker would.
   */
  private byte[] withCorrectChecksum(byte[] bytes, int at) {
    var magic = new byte[] {(byte) 0x85, 0x6f, 0x4a, (byte) 0x83};
    if (bytes.length < 12 || at < 9 || !Arrays.equals(bytes, 0, 4, magic, 0, 4)) {
      return bytes;
    }
    bytes[at] = (byte) random.nextInt(256);
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 8, bytes.length - 8);
      System.arraycopy(digest.digest(), 0, bytes, 4, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    return bytes;
  }

  private void feed(Bytes input) {
    var wire = count(WireCodec.decode(input));
    wire.ifPresent(
        message ->
            mustEqual(message, WireCodec.decode(WireCodec.encode(message)).orElseThrow(), input));
    count(ChangeCodec.decode(input, FormatLimits.DEFAULT));
    count(ChangeCodec.split(input, FormatLimits.DEFAULT));
    count(BloomFilter.decode(input, SyncLimits.DEFAULT));
    count(SyncMessageCodec.decode(input, SyncLimits.DEFAULT))
        .ifPresent(message -> exchange(message, input));
  }

  /**
   * Simulates a peer whose first message this is: offers its changes to the graph and makes the
   * answer.
   */
  private void exchange(SyncMessage message, Bytes input) {
    mustEqual(
        message,
        SyncMessageCodec.decode(SyncMessageCodec.encode(message), SyncLimits.DEFAULT).orElseThrow(),
        input);
    var graph = new ChangeGraph();
    for (var change : message.changes()) {
      count(ChangeCodec.decode(change, FormatLimits.DEFAULT)).ifPresent(graph::offer);
    }
    var peer = new PeerSync(graph);
    peer.received(message);
    var _ = peer.next(new SyncEncoder(graph), peer.missingHeads());
  }

  private static void mustEqual(Object first, Object second, Bytes input) {
    if (!first.equals(second)) {
      throw new IllegalStateException(
          "encoding and decoding changed the value of " + input.toHex());
    }
  }

  private <T> Optional<T> count(Decoding<T> outcome) {
    return switch (outcome) {
      case Decoding.Decoded<T>(var value) -> {
        decoded++;
        yield Optional.of(value);
      }
      case Decoding.Malformed<T> _ -> {
        malformed++;
        yield Optional.empty();
      }
    };
  }
}
