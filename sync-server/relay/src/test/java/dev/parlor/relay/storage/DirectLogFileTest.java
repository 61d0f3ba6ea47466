package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link ChangeLogTest} on a file with direct writes. */
class DirectLogFileTest extends ChangeLogTest {

  @TempDir private Path folder;

  @Override
  LogFile file(Path path) throws IOException {
    return new DirectLogFile(path);
  }

  @DisplayName(
      "a log file holds exactly the written bytes; direct writes fill the last block with zeros")
  @Test
  void theFileHoldsTheWrittenBytesAndPadsTheLastBlock() throws IOException {
    var random = new Random(7);
    var expected = new byte[2 << 20];
    var path = folder.resolve("log");
    Files.write(path, new byte[expected.length]);
    var at = 0;
    try (var log = new DirectLogFile(path)) {
      var direct = log.isDirect();
      for (var i = 0; i < 300; i++) {
        if (i % 60 == 59) {
          at = 0; // the log restarts at 0; later bytes stay, except in the last written block
        }
        var piece = new byte[8 * (1 + random.nextInt(i % 50 == 7 ? 20_000 : 200))];
        random.nextBytes(piece);
        if (i % 11 == 3) {
          var zeros = ByteBuffer.allocate(40);
          log.write(zeros, at);
          Arrays.fill(expected, at, at + 40, (byte) 0);
        }
        var bytes = ByteBuffer.wrap(piece);
        log.writeDurably(bytes, at);
        assertEquals(0, bytes.remaining());
        System.arraycopy(piece, 0, expected, at, piece.length);
        at += piece.length;
        if (direct) {
          var blockBytes = (int) Files.getFileStore(path).getBlockSize();
          Arrays.fill(expected, at, Math.ceilDiv(at, blockBytes) * blockBytes, (byte) 0);
        }
        assertEquals(direct, log.isDirect());
        var contents = new byte[at];
        assertTrue(log.read(ByteBuffer.wrap(contents), 0));
        assertArrayEquals(Arrays.copyOf(expected, at), contents, "after piece " + i);
      }
    }
    assertArrayEquals(expected, Files.readAllBytes(path));
  }

  @DisplayName(
      "a log file is written in whole blocks, or reports that the disk does not support direct writes")
  @Test
  void theFileReportsWhetherItWritesDirectly() throws IOException {
    var path = folder.resolve("log");
    try (var log = new DirectLogFile(path)) {
      log.writeDurably(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      assertTrue(log.size() == 3 || log.isDirect(), "buffered writes do not fill the block");
      assertTrue(log.size() >= 3);
    }
  }
}
