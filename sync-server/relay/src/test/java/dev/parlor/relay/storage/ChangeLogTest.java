package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which entries the change log replays after a truncation, a flipped bit, a failed write or a
 * restart of the file.
 */
class ChangeLogTest {

  private static final long SALT = 0x1234_5678_9abc_def1L;
  private static final long BYTES_MAX = 1 << 20;

  @TempDir private Path directory;

  /** The document and changes of one append. */
  private record LoggedAppend(DocumentId document, List<ChangeRecord> changes) {}

  @DisplayName("replay returns the entries that are not absorbed, in order")
  @Test
  void replayReturnsUnabsorbedEntriesInOrder() throws IOException {
    var path = directory.resolve("log");
    try (var log = open(path, 0)) {
      assertEquals(List.of(), log.replay().sections());
      append(log, 1, 5);
    }
    try (var log = open(path, 0)) {
      assertEquals(appends(1, 5), replayedAppends(log.replay()));
      assertEquals(5, log.sequence());
      append(log, 6, 2);
    }
    try (var log = open(path, 0)) {
      assertEquals(appends(1, 7), replayedAppends(log.replay()));
    }
    try (var log = open(path, 7)) {
      var replay = log.replay();
      assertEquals(List.of(), replay.sections(), "already absorbed");
      assertNull(replay.torn());
      assertEquals(0, log.length());
    }
    try (var log = open(path, 4)) {
      // The trees have absorbed only entries 1 to 4, so entries 5 to 7 are replayed.
      assertEquals(appends(5, 3), replayedAppends(log.replay()));
    }
  }

  @DisplayName(
      "after a restart of the log file, older entries behind the newer ones are not replayed")
  @Test
  void entriesFromBeforeARestartAreNotReplayed() throws IOException {
    var path = directory.resolve("log");
    try (var log = open(path, 0)) {
      log.replay();
      append(log, 1, 9);
      log.restart(10);
      append(log, 11, 1);
      append(log, 12, 1);
    }
    try (var log = open(path, 10)) {
      var replay = log.replay();
      assertEquals(appends(11, 2), replayedAppends(replay));
      assertEquals(List.of(), replay.damage());
      assertNull(replay.torn());
    }
  }

  @Test
  @DisplayName(
      "[DU4] a log that is truncated at any byte replays exactly the complete entries before that byte")
  void aTruncatedLogReplaysItsCompleteEntries() throws IOException {
    var path = directory.resolve("log");
    var ends = write(path, 3);
    var contents = Arrays.copyOf(Files.readAllBytes(path), ends.getLast().intValue());
    for (var cut = 0; cut <= contents.length; cut++) {
      for (var filler : List.of("short", "zeros", "older")) {
        var bytes = Arrays.copyOf(contents, filler.equals("short") ? cut : contents.length + 64);
        if (filler.equals("zeros")) {
          Arrays.fill(bytes, cut, bytes.length, (byte) 0);
        } else if (filler.equals("older")) {
          Arrays.fill(bytes, cut, bytes.length, (byte) 0x5a);
        }
        var replay = replay(bytes);
        var complete = 0;
        while (complete < ends.size() && ends.get(complete) <= cut) {
          complete++;
        }
        // An entry ends in zeros, so it is complete even if only those zeros are cut off and filled
        // in again.
        var found = replayedAppends(replay);
        var expected = appends(1, complete);
        assertTrue(
            found.equals(expected)
                || (found.equals(appends(1, complete + 1)) && ends.get(complete) - cut < 8),
            "cut at " + cut + ", then " + filler + ": " + found.size());
        assertEquals(List.of(), replay.damage());
      }
    }
  }

  @Test
  @DisplayName(
      "[DU4] one wrong bit damages at most the section it hits, and the replay names the document of that section")
  void aWrongBitDamagesOneSection() throws IOException {
    var path = directory.resolve("log");
    var ends = write(path, 4);
    var contents = Files.readAllBytes(path);
    var unattributed = 0;
    for (var at = 0; at < ends.getLast(); at++) {
      var bytes = contents.clone();
      bytes[at] ^= (byte) (1 << at % 8);
      var entry = 1;
      while (ends.get(entry - 1) <= at) {
        entry++;
      }
      var replay = replay(bytes);
      var found = replayedAppends(replay);
      if (found.equals(appends(1, 4))) {
        continue; // The bit is in padding or another part that the replay does not need.
      }
      var others = new ArrayList<>(appends(1, 4));
      others.removeAll(appends(entry, 1));
      assertTrue(found.containsAll(others), "the other entries, byte " + at);
      if (entry == 4) {
        assertEquals(others, found, "the last entry counts as torn, byte " + at);
        assertEquals(List.of(), replay.damage());
        continue;
      }
      var damagedSections =
          replay.sections().stream().filter(part -> part.changes() == null).toList();
      if (damagedSections.isEmpty()) {
        assertEquals(1, replay.damage().size());
        assertTrue(replay.damage().getFirst().contains("are unknown"), "byte " + at);
        unattributed++;
      } else {
        // One section is damaged. If the bit is in its length, the later sections of the entry are
        // damaged too.
        assertEquals(damagedSections.size(), replay.damage().size());
        assertEquals(sectionsUpTo(4), found.size() + damagedSections.size(), "byte " + at);
      }
    }
    // Only a bit in a length hides the document of a section. Lengths are a few bytes of each
    // entry.
    assertTrue(unattributed <= 3 * 16, unattributed + " bytes hide the document of their section");
  }

  @Test
  @DisplayName(
      "[DU1] an append that failed on the disk is not replayed; the next append succeeds and is replayed")
  void aFailedAppendIsNotReplayed() throws IOException {
    var path = directory.resolve("log");
    var file = new FailingLogFile(path);
    try (var log = new ChangeLog(file, SALT, 0, BYTES_MAX)) {
      log.replay();
      append(log, 1, 2);
      file.forcesToFail = 1;
      assertThrows(IOException.class, () -> append(log, 3, 1));
    }
    assertEquals(appends(1, 2), replayedAppends(replay(Files.readAllBytes(path))));
    try (var log = open(path, 0)) {
      log.replay();
      append(log, 30, 1);
    }
    var expected = new ArrayList<>(appends(1, 2));
    expected.addAll(appends(30, 1));
    assertEquals(expected, replayedAppends(replay(Files.readAllBytes(path))));
  }

  @DisplayName("an append fails while the disk is full and succeeds when there is space again")
  @Test
  void appendsFailWhileTheDiskIsFull() throws IOException {
    var path = directory.resolve("log");
    var file = new FailingLogFile(path);
    try (var log = new ChangeLog(file, SALT, 0, BYTES_MAX)) {
      log.replay();
      append(log, 1, 1);
      file.bytesMax = file.size();
      var accepted = 1;
      while (accepted < 10_000) {
        try {
          append(log, accepted + 1, 1);
          accepted++;
        } catch (IOException e) {
          break;
        }
      }
      assertTrue(accepted < 10_000);
      file.bytesMax = Long.MAX_VALUE;
      append(log, accepted + 1, 1);
      assertEquals(appends(1, accepted + 1), replayedAppends(replay(Files.readAllBytes(path))));
    }
  }

  @DisplayName(
      "a change that contains the bytes of a log entry cannot inject that entry into a replay")
  @Test
  void anEntryInsideAChangeIsNotReplayed() throws IOException {
    // The change contains the bytes of an entry with a later sequence from another directory.
    var otherLog = directory.resolve("elsewhere");
    try (var log = new ChangeLog(file(otherLog), SALT + 2, 40, BYTES_MAX)) {
      log.replay();
      append(log, 41, 1);
    }
    var forged = Files.readAllBytes(otherLog);
    var path = directory.resolve("log");
    try (var log = open(path, 0)) {
      log.replay();
      append(log, 1, 1);
      var at = (int) log.length();
      append(log, 2, 1);
      var bytes = Files.readAllBytes(path);
      System.arraycopy(forged, 0, bytes, at + 64, 512);
      var replay = replay(bytes);
      assertEquals(appends(1, 1), replayedAppends(replay));
      assertNotNull(replay.torn());
      assertEquals(List.of(), replay.damage());
    }
  }

  @DisplayName("a log has no room for a group above the size limit of an entry or of the file")
  @Test
  void oversizedGroupsHaveNoRoom() throws IOException {
    try (var log = open(directory.resolve("log"), 0)) {
      log.replay();
      var small = group(1);
      assertTrue(log.hasRoomFor(small, bytes(small)));
      assertFalse(log.hasRoomFor(small, ChangeLog.ENTRY_BYTES_MAX));
    }
    try (var log = new ChangeLog(file(directory.resolve("tiny")), SALT, 0, 300)) {
      log.replay();
      var three = group(3);
      assertFalse(log.hasRoomFor(three, bytes(three)), "no space in the file");
    }
  }

  LogFile file(Path path) throws IOException {
    return new LogFile(path);
  }

  private ChangeLog open(Path path, long absorbed) throws IOException {
    return new ChangeLog(file(path), SALT, absorbed, BYTES_MAX);
  }

  private ChangeLog.Replay replay(byte[] bytes) throws IOException {
    var path = directory.resolve("copy");
    Files.write(path, bytes);
    try (var log = open(path, 0)) {
      return log.replay();
    }
  }

  /** Writes this many entries and returns the position at which each ends. */
  private List<Long> write(Path path, int entries) throws IOException {
    var ends = new ArrayList<Long>();
    try (var log = open(path, 0)) {
      log.replay();
      for (var i = 1; i <= entries; i++) {
        append(log, i, 1);
        ends.add(log.length());
      }
    }
    return ends;
  }

  private static void append(ChangeLog log, int from, int count) throws IOException {
    for (var i = from; i < from + count; i++) {
      var group = group(i);
      log.append(group, bytes(group));
    }
  }

  private static int sectionCount(int entry) {
    return 1 + entry % 3;
  }

  private static int sectionsUpTo(int entries) {
    var count = 0;
    for (var i = 1; i <= entries; i++) {
      count += sectionCount(i);
    }
    return count;
  }

  /** The appends of one entry; the same for each call. */
  private static List<Write> group(int entry) {
    var group = new ArrayList<Write>();
    for (var part = 0; part < sectionCount(entry); part++) {
      var changes = ChangeStoreContract.changes(entry * 10L + part, 1 + part);
      var bytes = changes.stream().mapToLong(LogRecord::bytes).sum();
      group.add(
          new Write.Append(
              ChangeStoreContract.document(part), changes, bytes, new CompletableFuture<>()));
    }
    return group;
  }

  private static long bytes(List<Write> group) {
    return group.stream().mapToLong(Write::bytes).sum();
  }

  private static List<LoggedAppend> appends(int from, int count) {
    var result = new ArrayList<LoggedAppend>();
    for (var i = from; i < from + count; i++) {
      for (var write : group(i)) {
        var append = (Write.Append) write;
        result.add(new LoggedAppend(append.document(), append.changes()));
      }
    }
    return result;
  }

  private static List<LoggedAppend> replayedAppends(ChangeLog.Replay replay) {
    var result = new ArrayList<LoggedAppend>();
    for (var section : replay.sections()) {
      if (section.changes() != null) {
        result.add(
            new LoggedAppend(
                DocumentId.parse(section.document()).orElseThrow(), section.changes()));
      }
    }
    return result;
  }

  /** A file that fails writes or flushes on request. */
  private static final class FailingLogFile extends LogFile {
    private int forcesToFail;
    private long bytesMax = Long.MAX_VALUE;

    FailingLogFile(Path path) throws IOException {
      super(path);
    }

    @Override
    void write(ByteBuffer bytes, long at) throws IOException {
      if (at + bytes.remaining() > bytesMax) {
        throw new IOException("no space left");
      }
      super.write(bytes, at);
    }

    @Override
    void force() throws IOException {
      if (forcesToFail-- > 0) {
        throw new IOException("the disk does not answer");
      }
      super.force();
    }
  }
}
