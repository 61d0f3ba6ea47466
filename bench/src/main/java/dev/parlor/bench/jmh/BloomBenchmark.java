package dev.parlor.bench.jmh;

import dev.parlor.bench.load.Trace;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.BloomFilter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Builds a Bloom filter of 10,000 changes, and looks up 10,000 hashes in it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BloomBenchmark {

  private List<ChangeHash> hashes = List.of();
  private BloomFilter filter = BloomFilter.EMPTY;

  @Setup
  public void prepare() {
    hashes = Trace.typing(10_000, 1).hashes();
    filter = BloomFilter.of(hashes, hashes.size());
  }

  @Benchmark
  public BloomFilter build() {
    return BloomFilter.of(hashes, hashes.size());
  }

  @Benchmark
  public int contains() {
    var found = 0;
    for (var hash : hashes) {
      found += filter.contains(hash) ? 1 : 0;
    }
    return found;
  }
}
