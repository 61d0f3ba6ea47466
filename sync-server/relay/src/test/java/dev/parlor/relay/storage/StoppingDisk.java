package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A disk that counts the steps of the store: each write, flush and truncation of a file. It can
 * stop at one step, of which only a part reaches the file; all later steps fail. The files then
 * hold what a kill at that moment leaves. After {@link #loseSomeUnforced} they hold what a power
 * failure may leave. The disk can also fail a number of steps and then recover.
 */
final class StoppingDisk extends Disk {

  /** The part of the last write that reaches the file. */
  enum Part {
    NOTHING,
    HALF,
    ALL
  }

  /** The flushed contents of one file, and the writes since the last flush. */
  private static final class Image {
    private byte[] forced;
    private final List<Change> unforced = new ArrayList<>();

    private Image(byte[] forced) {
      this.forced = forced;
    }

    private void force() {
      for (var change : unforced) {
        forced = change.applyTo(forced);
      }
      unforced.clear();
    }
  }

  /** A write, or a truncation to {@code at} if {@code bytes} is null. */
  private record Change(long at, @Nullable Bytes bytes) {
    byte[] applyTo(byte[] file) {
      if (bytes == null) {
        return Arrays.copyOf(file, (int) at);
      }
      var result = Arrays.copyOf(file, Math.max(file.length, (int) at + bytes.length()));
      bytes.copyTo(result, (int) at);
      return result;
    }
  }

  private final long stopAt;
  private final Part part;
  private final Map<Path, Image> images = new LinkedHashMap<>();
  private long steps;
  private long failFrom;
  private long failUntil;
  private boolean stopped;

  /**
   * @param stopAt the step, counted from 0, that is done only in part; {@code Long.MAX_VALUE} only
   *     counts
   */
  StoppingDisk(long stopAt, Part part) {
    this.stopAt = stopAt;
    this.part = part;
  }

  /** A disk that does not stop until {@link #stop}. */
  StoppingDisk() {
    this(Long.MAX_VALUE, Part.NOTHING);
  }

  synchronized long steps() {
    return steps;
  }

  synchronized boolean stopped() {
    return stopped;
  }

  /** Simulates a kill of the process: all later steps fail. */
  synchronized void stop() {
    stopped = true;
  }

  /** Fails {@code count} steps from step {@code from} on; later steps succeed again. */
  synchronized void failSteps(long from, long count) {
    failFrom = from;
    failUntil = from + count;
  }

  /**
   * Simulates a power failure: each unflushed write reaches its file whole, truncated or not at
   * all, at random.
   */
  synchronized void loseSomeUnforced(Random random) throws IOException {
    for (var image : images.entrySet()) {
      var file = image.getValue().forced;
      for (var change : image.getValue().unforced) {
        var bytes = change.bytes;
        switch (random.nextInt(3)) {
          case 0 -> file = change.applyTo(file);
          case 1 -> {
            if (bytes != null) {
              var cut = bytes.slice(0, random.nextInt(bytes.length() + 1));
              file = new Change(change.at, cut).applyTo(file);
            }
          }
          default -> {}
        }
      }
      Files.write(image.getKey(), file);
    }
  }

  /**
   * Counts a step and returns how many of its bytes reach the file.
   *
   * @throws IOException if the step fails as a whole
   */
  private int step(int bytes) throws IOException {
    if (stopped) {
      throw new IOException("the process is dead");
    }
    var now = steps++;
    if (now >= failFrom && now < failUntil) {
      throw new IOException("no space left");
    }
    if (now < stopAt) {
      return bytes;
    }
    stopped = true;
    return switch (part) {
      case NOTHING -> 0;
      case HALF -> bytes / 2;
      case ALL -> bytes;
    };
  }

  private Image image(Path path) throws IOException {
    var image = images.get(path);
    if (image == null) {
      image = new Image(Files.readAllBytes(path));
      images.put(path, image);
    }
    return image;
  }

  @Override
  BlockFile blocks(Path path) throws IOException {
    return new BlockFile(path) {
      @Override
      void write(long offset, byte[] bytes, int count) throws IOException {
        synchronized (StoppingDisk.this) {
          var image = image(path);
          var writtenBytes = step(count);
          super.write(offset, bytes, writtenBytes);
          image.unforced.add(new Change(offset, Bytes.wrap(Arrays.copyOf(bytes, writtenBytes))));
          throwIfStopped();
        }
      }

      @Override
      void sync() throws IOException {
        forceStep(path);
      }
    };
  }

  @Override
  LogFile log(Path path) throws IOException {
    return new LogFile(path) {
      @Override
      void write(ByteBuffer bytes, long at) throws IOException {
        synchronized (StoppingDisk.this) {
          var image = image(path);
          var writtenBytes = step(bytes.remaining());
          var written = new byte[writtenBytes];
          bytes.get(written);
          super.write(ByteBuffer.wrap(written), at);
          image.unforced.add(new Change(at, Bytes.wrap(written)));
          throwIfStopped();
        }
      }

      @Override
      void force() throws IOException {
        forceStep(path);
      }

      @Override
      void truncate(long length) throws IOException {
        synchronized (StoppingDisk.this) {
          var image = image(path);
          if (step(1) > 0 && length < size()) {
            super.truncate(length);
            image.unforced.add(new Change(length, null));
          }
          throwIfStopped();
        }
      }
    };
  }

  @Override
  LogFile changeLog(Path path) throws IOException {
    return log(path); // the same steps: a direct write counts as a write and a flush
  }

  private synchronized void forceStep(Path path) throws IOException {
    if (step(1) > 0) {
      image(path).force();
    }
    throwIfStopped();
  }

  private void throwIfStopped() throws IOException {
    if (stopped) {
      throw new IOException("the process is dead");
    }
  }
}
