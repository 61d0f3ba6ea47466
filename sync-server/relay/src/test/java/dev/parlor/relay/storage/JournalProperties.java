package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Tests the recovery from the journal and the main file after a crash, with random contents. */
class JournalProperties {

  private static final int BLOCK = JournaledVolume.BLOCK_BYTES;

  private Path directory = Path.of(".");

  @BeforeProperty
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("parlor-journal");
  }

  @AfterProperty
  void removeDirectory() throws IOException {
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @Property(tries = 150)
  void aTruncatedJournalReplaysItsWholeEntries(
      @ForAll long seed, @ForAll @IntRange(max = 1000) int cutPermille) throws IOException {
    var path = directory.resolve("journal");
    Files.deleteIfExists(path);
    var random = new Random(seed);
    var ends = new ArrayList<Long>();
    try (var journal = new Journal(path, BLOCK)) {
      journal.replay((_, _) -> {});
      for (var i = 0; i < 1 + random.nextInt(5); i++) {
        journal.append(entry(i, 1 + random.nextInt(4)));
        ends.add(journal.length());
      }
    }
    var complete = Files.readAllBytes(path);
    var cut = (int) ((long) complete.length * cutPermille / 1000);
    var torn = java.util.Arrays.copyOf(complete, cut);
    if (cut < complete.length && cut > 0 && random.nextBoolean()) {
      torn[cut - 1] ^= 0x40;
      cut--;
    }
    Files.write(path, torn);
    var expected = 0;
    while (expected < ends.size() && ends.get(expected) <= cut) {
      expected++;
    }
    var seen = new ArrayList<Integer>();
    try (var journal = new Journal(path, BLOCK)) {
      assertEquals(expected, journal.replay((_, contents) -> seen.add(contents.getInt(0))));
      assertEquals(expected == 0 ? 0 : ends.get(expected - 1), journal.length());
    }
    assertTrue(seen.stream().allMatch(stamp -> stamp >= 0 && stamp < 5), seen.toString());
  }

  @Property(tries = 60)
  void entriesFromBeforeARestartAreNotReplayed(@ForAll long seed) throws IOException {
    var path = directory.resolve("journal");
    Files.deleteIfExists(path);
    var random = new Random(seed);
    var last = 0;
    try (var journal = new Journal(path, BLOCK)) {
      journal.replay((_, _) -> {});
      for (var round = 0; round < 4; round++) {
        journal.restart();
        for (var i = 0; i < 1 + random.nextInt(6); i++) {
          journal.append(entry(++last, 1));
        }
      }
    }
    var stamps = new ArrayList<Integer>();
    try (var journal = new Journal(path, BLOCK)) {
      journal.replay((_, contents) -> stamps.add(contents.getInt(0)));
    }
    assertEquals(last, stamps.getLast());
    for (var i = 1; i < stamps.size(); i++) {
      assertEquals(stamps.get(i - 1) + 1, stamps.get(i));
    }
  }

  @Property(tries = 60)
  void recoveryRestoresTheLastCommit(@ForAll long seed) throws IOException {
    var main = directory.resolve("main");
    var journal = directory.resolve("journal");
    Files.deleteIfExists(main);
    Files.deleteIfExists(journal);
    var random = new Random(seed);
    var model = new byte[40 * BLOCK];
    var versionsByBlock = new HashMap<Integer, List<byte[]>>();
    var crashed = new JournaledVolume(main, journal, 40L * BLOCK, 4 + random.nextInt(20));
    for (var commit = 0; commit < 2 + random.nextInt(12); commit++) {
      writeRandomly(crashed, random, model);
      crashed.commit();
      addVersions(versionsByBlock, model);
    }
    // This write is not committed, so that the crash must undo it.
    crashed.putLong(random.nextInt(39 * BLOCK), random.nextLong());
    // The machine crashes. The journal holds the blocks written since the last flush of the main
    // file; each of them may be old, new or torn in the main file.
    tearJournaledBlocks(main, journal, versionsByBlock, random);
    var reopened = new JournaledVolume(main, journal, 40L * BLOCK, 8);
    var found = new byte[model.length];
    reopened.getData(0, found, 0, found.length);
    assertArrayEquals(model, found);
    reopened.close();
    crashed.close();
  }

  @Example
  void aCommitSucceedsIfOnlyTheMainFileFailsAndTheNextFails() throws IOException {
    var main = directory.resolve("main");
    var journal = directory.resolve("journal");
    var file = new FailingFile(main);
    var volume = new JournaledVolume(main, file, new Journal(journal, BLOCK), 1 << 20, 100);
    volume.putLong(0, 1);
    volume.commit();
    file.failing = true;
    volume.putLong(0, 2);
    volume.commit();
    assertTrue(volume.hasUnwrittenBlocks());
    assertEquals(2, volume.getLong(0));
    volume.putLong(0, 3);
    assertThrows(IOException.class, volume::commit);
    volume.rollback();
    assertEquals(2, volume.getLong(0));
    // After a kill at this point, the journal has the acknowledged commit and the main file does
    // not.
    Files.copy(main, directory.resolve("main2"));
    Files.copy(journal, directory.resolve("journal2"));
    var recovered =
        new JournaledVolume(
            directory.resolve("main2"), directory.resolve("journal2"), 1 << 20, 100);
    assertEquals(2, recovered.getLong(0));
    recovered.close();
    // When the disk works again, commits succeed.
    file.failing = false;
    volume.putLong(8, 4);
    volume.commit();
    assertFalse(volume.hasUnwrittenBlocks());
    volume.close();
    var reopened = new JournaledVolume(main, journal, 1 << 20, 100);
    assertEquals(2, reopened.getLong(0));
    assertEquals(4, reopened.getLong(8));
    reopened.close();
  }

  /** A main file that fails writes on request. */
  private static final class FailingFile extends BlockFile {
    private boolean failing;

    FailingFile(Path path) throws IOException {
      super(path);
    }

    @Override
    void write(long offset, byte[] bytes, int count) throws IOException {
      if (failing) {
        throw new IOException("no space left");
      }
      super.write(offset, bytes, count);
    }
  }

  /** Writes random bytes to the volume and to the model of its contents. */
  private static void writeRandomly(JournaledVolume volume, Random random, byte[] model) {
    for (var i = 0; i < 1 + random.nextInt(8); i++) {
      var bytes = new byte[1 + random.nextInt(3 * BLOCK)];
      random.nextBytes(bytes);
      var at = random.nextInt(model.length - bytes.length);
      volume.putData(at, bytes, 0, bytes.length);
      System.arraycopy(bytes, 0, model, at, bytes.length);
      var readBack = new byte[bytes.length];
      volume.getData(at, readBack, 0, readBack.length);
      assertArrayEquals(bytes, readBack);
      assertEquals(
          ByteBuffer.wrap(model).getLong(Math.min(at, model.length - 8)),
          volume.getLong(Math.min(at, model.length - 8)));
    }
  }

  /** Adds the committed contents of each block to its list of versions. */
  private static void addVersions(Map<Integer, List<byte[]>> versionsByBlock, byte[] model) {
    for (var block = 0; block < model.length / BLOCK; block++) {
      versionsByBlock
          .computeIfAbsent(block, _ -> new ArrayList<>())
          .add(java.util.Arrays.copyOfRange(model, block * BLOCK, (block + 1) * BLOCK));
    }
  }

  /** Overwrites a part of some journaled blocks in the main file with a random version. */
  private void tearJournaledBlocks(
      Path main, Path journal, Map<Integer, List<byte[]>> versionsByBlock, Random random)
      throws IOException {
    var journaled = new java.util.TreeSet<Long>();
    var copy = directory.resolve("copy");
    Files.copy(journal, copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    try (var reader = new Journal(copy, BLOCK)) {
      reader.replay((number, _) -> journaled.add(number));
    }
    try (var file = new BlockFile(main)) {
      for (var number : journaled) {
        var versions = versionsByBlock.get(number.intValue());
        if (versions != null && random.nextBoolean()) {
          var version = versions.get(random.nextInt(versions.size()));
          file.write(number * BLOCK, version, 1 + random.nextInt(BLOCK));
        }
      }
    }
  }

  private static SortedMap<Long, byte[]> entry(int stamp, int blocks) {
    var entry = new TreeMap<Long, byte[]>();
    for (var i = 0; i < blocks; i++) {
      entry.put((long) i, ByteBuffer.allocate(BLOCK).putInt(stamp).array());
    }
    return entry;
  }
}
