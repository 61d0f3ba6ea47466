package dev.parlor.room.template;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.room.limits.FixedServiceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of room files while it changes. The test moves the clock; nothing waits. */
class RoomFolderTest {
  private static final long WAIT = FixedServiceLimits.ROOM_FILE_SETTLE_MILLIS;

  @TempDir private Path folder;
  private long now = 1_790_000_000_000L;

  private void write(String name, String text, long modifiedMillis) throws IOException {
    Files.writeString(folder.resolve(name), text);
    Files.setLastModifiedTime(folder.resolve(name), FileTime.fromMillis(modifiedMillis));
  }

  private static String named(String name) {
    return "---\nname: " + name + "\n---\n";
  }

  private List<String> namesAt(RoomFolder files, long millis) {
    now = millis;
    files.look(millis);
    return files.listing().usable().stream().map(RoomFile::name).toList();
  }

  @Test
  @DisplayName("a file older than a second is offered at the first look")
  void oldFileIsOfferedAtOnce() throws IOException {
    write("a.md", named("Ideas"), now - WAIT);
    assertEquals(List.of("Ideas"), namesAt(new RoomFolder(folder), now));
  }

  @Test
  @DisplayName("a file that is still being written is not used, and its former content counts")
  void halfWrittenFileIsNotUsed() throws IOException {
    var files = new RoomFolder(folder);
    write("a.md", named("Ideas"), now - WAIT);
    assertEquals(List.of("Ideas"), namesAt(files, now));
    write("a.md", "---\nname: Id", now);
    assertEquals(List.of("Ideas"), namesAt(files, now));
    write("a.md", "---\nname: Ideas 2\nslots", now + WAIT - 1);
    assertEquals(List.of("Ideas"), namesAt(files, now + WAIT - 1));
    write("a.md", named("Ideas 2"), now + 1);
    assertEquals(List.of("Ideas"), namesAt(files, now + WAIT - 1));
    assertEquals(List.of("Ideas"), namesAt(files, now + WAIT - 1));
    assertEquals(List.of("Ideas 2"), namesAt(files, now + 1));
    assertEquals(List.of(), files.listing().problems());
  }

  @Test
  @DisplayName("a file that disappears for a moment stays offered; a removed file does not")
  void removedFile() throws IOException {
    var files = new RoomFolder(folder);
    write("a.md", named("Ideas"), now - WAIT);
    assertEquals(List.of("Ideas"), namesAt(files, now));
    Files.delete(folder.resolve("a.md"));
    assertEquals(List.of("Ideas"), namesAt(files, now));
    write("a.md", named("Ideas 2"), now);
    assertEquals(List.of("Ideas"), namesAt(files, now + 1));
    assertEquals(List.of("Ideas 2"), namesAt(files, now + WAIT));
    Files.delete(folder.resolve("a.md"));
    assertEquals(List.of("Ideas 2"), namesAt(files, now));
    assertEquals(List.of(), namesAt(files, now + WAIT));
  }

  @Test
  @DisplayName("a faulty file is named with line and reason, and the other files are offered")
  void faultyFileIsNamed() throws IOException {
    write("bad.md", "---\nname: Bad\nslots: 7\n---\n", now - WAIT);
    write("good.md", named("Good"), now - WAIT);
    Files.write(folder.resolve("latin1.md"), new byte[] {'-', (byte) 0xe9});
    Files.setLastModifiedTime(folder.resolve("latin1.md"), FileTime.fromMillis(now - WAIT));
    write("long.md", "x".repeat(FixedServiceLimits.ROOM_FILE_BYTES_MAX + 1), now - WAIT);
    write("notes.txt", "not a room file", now - WAIT);
    Files.createDirectory(folder.resolve("folder.md"));
    var files = new RoomFolder(folder);
    assertEquals(List.of("Good"), namesAt(files, now));
    assertEquals(
        List.of(
            "bad.md:3: “slots” must be a whole number from 1 to 3",
            "latin1.md: is not UTF-8",
            "long.md: has 262145 bytes; at most 262144 fit"),
        files.listing().problems().stream().map(RoomFileProblem::toString).toList());
    write("bad.md", named("Better"), now);
    assertEquals(List.of("Good"), namesAt(files, now));
    assertEquals(List.of("Better", "Good"), namesAt(files, now + WAIT));
  }

  @Test
  @DisplayName("a folder that cannot be read is named, and the files read before stay offered")
  void unreadableFolder() throws IOException {
    write("a.md", named("Ideas"), now - WAIT);
    var files = new RoomFolder(folder);
    assertEquals(List.of("Ideas"), namesAt(files, now));
    Files.delete(folder.resolve("a.md"));
    Files.delete(folder);
    assertEquals(List.of("Ideas"), namesAt(files, now + WAIT));
    assertEquals(
        folder + ": cannot be read: it does not exist",
        files.listing().problems().getFirst().toString());
    Files.createDirectory(folder);
    assertEquals(List.of("Ideas"), namesAt(files, now + WAIT));
    assertEquals(List.of(), files.listing().problems());
    assertEquals(List.of(), namesAt(files, now + WAIT));
  }

  @Test
  @DisplayName("the room files in the documentation can all be used")
  void documentedFilesAreUsable() {
    var listing = RoomFolder.readOnce(Path.of("../../docs/room-files"));
    assertEquals(List.of(), listing.problems());
    assertEquals(
        List.of("Brainstorm", "Code review", "Quiet desk"),
        listing.usable().stream().map(RoomFile::name).toList());
  }
}
