package dev.parlor.bench.jmh;

import dev.parlor.bench.load.Trace;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
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

/** Decodes and encodes the frame of one edit. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {

  private Bytes chunk = Bytes.EMPTY;
  private Bytes frame = Bytes.EMPTY;
  private Bytes message = Bytes.EMPTY;
  private WireMessage.Sync sync =
      new WireMessage.Sync(
          new PeerId("a"), new PeerId("b"), DocumentId.of(Bytes.wrap(new byte[16])), Bytes.EMPTY);

  /** A frame as a browser sends it for one key press. */
  @Setup
  public void prepare() {
    var trace = Trace.typing(200, 1);
    chunk = trace.chunks().getLast();
    var heads = List.of(trace.hashes().getLast());
    message =
        SyncMessageCodec.encode(
            new SyncMessage(
                SyncMessage.Kind.CHANGES,
                heads,
                List.of(),
                List.of(new SyncMessage.Have(heads, BloomFilter.of(heads, 1))),
                List.of(chunk),
                null));
    sync = new WireMessage.Sync(sync.senderId(), sync.targetId(), sync.documentId(), message);
    frame = WireCodec.encode(sync);
  }

  @Benchmark
  public Decoding<WireMessage> decodeFrame() {
    return WireCodec.decode(frame);
  }

  @Benchmark
  public Bytes encodeFrame() {
    return WireCodec.encode(sync);
  }

  @Benchmark
  public Decoding<SyncMessage> decodeSyncMessage() {
    return SyncMessageCodec.decode(message, SyncLimits.DEFAULT);
  }

  @Benchmark
  public Decoding<ChangeChunk> decodeChange() {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT);
  }
}
