package dev.parlor.bench.fuzz;

import dev.parlor.crdt.document.DocumentBuilder;
import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.document.UnreadDocument;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Snapshots;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The command behind {@code ./parlor fuzz documents}. First it compares random documents of
 * Automerge for JavaScript: their changes must equal the changes of the document chunk byte for
 * byte, pass admission, and come back from a snapshot and the changes after it, which plain Java
 * builds as the bindings do. Then it mutates their chunks: the result of each must be a value or
 * {@code Malformed}, within the time limit. An exception or a difference ends the run and prints
 * the seed and the bytes.
 */
public final class DocumentFuzz {

  /** Documents whose chunks are mutated. */
  private static final int CORPUS_MAX = 400;

  /**
   * Time for one mutated chunk; above: a failure. A chunk of a kilobyte may stand for a million
   * operations.
   */
  private static final long NANOS_MAX = 20_000_000_000L;

  private static final int HEADER_BYTES = 9;

  private final List<byte[]> corpus = new ArrayList<>();
  private long changes;
  private long decoded;
  private long malformed;
  private long slowestNanos;

  /**
   * Usage: {@code [--documents=10000] [--inputs=1000000] [--seed=1]}; a fifth of the documents is
   * by version 2 of the library. The exit code is 1 after a failure.
   */
  public static void main(String[] arguments) throws Exception {
    var documents = 10_000;
    var inputs = 1_000_000L;
    var seed = 1L;
    for (var argument : arguments) {
      var value = argument.substring(argument.indexOf('=') + 1);
      switch (argument.substring(0, argument.length() - value.length())) {
        case "--documents=" -> documents = Integer.parseInt(value);
        case "--inputs=" -> inputs = Long.parseLong(value);
        case "--seed=" -> seed = Long.parseLong(value);
        default -> {
          System.err.println(
              "fuzz: unknown option " + argument + "; there are --documents, --inputs and --seed");
          System.exit(2);
        }
      }
    }
    var fuzz = new DocumentFuzz();
    try {
      fuzz.compare(documents, seed);
      fuzz.mutate(inputs, new Random(seed));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      System.err.println("fuzz: seed " + seed);
      e.printStackTrace();
      System.exit(1);
    }
  }

  private void compare(int documents, long seed) throws IOException, InterruptedException {
    var old = documents / 5;
    compare("2", old, seed);
    compare("3", documents - old, seed);
    System.out.printf(
        Locale.ROOT,
        "fuzz: %,d documents of JavaScript with %,d changes: no difference%n",
        documents,
        changes);
  }

  private void compare(String version, int documents, long seed)
      throws IOException, InterruptedException {
    try (var samples =
        JavaScriptDocuments.start(
            Path.of("sync-server", "relay", "interop"), version, seed, documents)) {
      for (var sample = samples.next(); sample.isPresent(); sample = samples.next()) {
        check(sample.get());
        if (corpus.size() < CORPUS_MAX / 2 * (version.equals("2") ? 1 : 2)) {
          corpus.add(sample.get().chunk().toArray());
        }
      }
    }
  }

  private void check(JavaScriptDocuments.Sample sample) {
    var read = decode(sample.chunk(), sample);
    must(plain(read).equals(new TreeSet<>(sample.changes())), "the changes differ", sample);
    var checked = new CheckedGraph(OperationLimits.DEFAULT);
    for (var change : read) {
      must(checked.offer(change, null) instanceof Offer.Added, "a change is refused", sample);
    }
    var all = read.stream().map(ChangeChunk::plain).toList();
    var half = all.size() / 2;
    var snapshot = build(Optional.empty(), all.subList(0, half), sample);
    var whole = build(Optional.of(snapshot), all.subList(half, all.size()), sample);
    must(decode(snapshot, sample).size() == half, "a snapshot differs", sample);
    must(plain(decode(whole, sample)).equals(plain(read)), "a snapshot differs", sample);
    var rewritten = rewrite(sample.chunk()).orElseThrow().rewritten();
    must(rewritten.isPresent(), "the operations are not in order", sample);
    must(
        again(rewritten.orElseThrow()).equals(again(sample.chunk())),
        "the rewritten chunk differs",
        sample);
    changes += read.size();
  }

  /** Builds a chunk in plain Java, and compares it with the chunk that the bindings build. */
  private static Bytes build(
      Optional<Bytes> snapshot, List<Bytes> changes, JavaScriptDocuments.Sample sample) {
    var built = DocumentBuilder.build(snapshot, changes).orElseThrow();
    var expected = Snapshots.build(snapshot, changes);
    must(
        DocumentCodec.open(built, DocumentLimits.DEFAULT)
            .orElseThrow()
            .isSameInflated(DocumentCodec.open(expected, DocumentLimits.DEFAULT).orElseThrow()),
        "a built chunk differs from that of the bindings",
        sample);
    return built;
  }

  private static Decoding<DocumentContents> rewrite(Bytes chunk) {
    return DocumentCodec.open(chunk, DocumentLimits.DEFAULT)
        .flatMap(UnreadDocument::readAndRewrite);
  }

  /** The chunk as the bindings write it after they have loaded it. */
  private static Bytes again(Bytes chunk) {
    return Snapshots.build(Optional.of(chunk), List.of());
  }

  private static List<ChangeChunk> decode(Bytes chunk, JavaScriptDocuments.Sample sample) {
    return switch (DocumentCodec.decode(chunk, DocumentLimits.DEFAULT)) {
      case Decoding.Decoded<DocumentContents>(var contents) -> contents.changes();
      case Decoding.Malformed<DocumentContents>(var rule, var reason) ->
          throw new IllegalStateException(sample + ": [" + rule + "] " + reason);
    };
  }

  private static Set<Bytes> plain(List<ChangeChunk> changes) {
    return changes.stream().map(ChangeChunk::plain).collect(Collectors.toCollection(TreeSet::new));
  }

  private static void must(boolean condition, String fault, JavaScriptDocuments.Sample sample) {
    if (!condition) {
      throw new IllegalStateException(sample + ": " + fault);
    }
  }

  private void mutate(long inputs, Random random) {
    for (var i = 0L; i < inputs; i++) {
      var input = withChecksum(mutated(corpus.get(random.nextInt(corpus.size())), random));
      var started = System.nanoTime();
      try {
        switch (rewrite(input)) {
          case Decoding.Decoded<DocumentContents> _ -> decoded++;
          case Decoding.Malformed<DocumentContents> _ -> malformed++;
        }
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new IllegalStateException("input " + i + ": " + input.toHex(), e);
      }
      var nanos = System.nanoTime() - started;
      slowestNanos = Math.max(slowestNanos, nanos);
      if (nanos > NANOS_MAX) {
        throw new IllegalStateException("input " + i + " takes too long: " + input.toHex());
      }
    }
    System.out.printf(
        Locale.ROOT,
        "fuzz: %,d mutated chunks: %,d decoded, %,d refused, no exception; the slowest took %,d ms%n",
        inputs,
        decoded,
        malformed,
        slowestNanos / 1_000_000);
  }

  private static byte[] mutated(byte[] chunk, Random random) {
    var bytes = chunk.clone();
    for (var times = 1 + random.nextInt(4); times > 0; times--) {
      var at = HEADER_BYTES + random.nextInt(bytes.length - HEADER_BYTES);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
        // The largest number that the encoding allows.
        case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(5)), (byte) -1);
        default -> {
          var from = HEADER_BYTES + random.nextInt(bytes.length - HEADER_BYTES);
          var length = Math.min(random.nextInt(20), bytes.length - Math.max(at, from));
          System.arraycopy(chunk, from, bytes, at, Math.min(length, chunk.length - from));
        }
      }
    }
    return bytes;
  }

  /** The chunk with the checksum of its bytes, as an attacker would send it. */
  private static Bytes withChecksum(byte[] chunk) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(chunk, 8, chunk.length - 8);
      System.arraycopy(sha256.digest(), 0, chunk, 4, 4);
      return Bytes.wrap(chunk);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
