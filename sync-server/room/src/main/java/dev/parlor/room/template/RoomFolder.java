package dev.parlor.room.template;

import dev.parlor.room.limits.FixedServiceLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of room files. {@link #look} compares the folder with the last look. A new or changed
 * file is read when it has not changed for a second, so that a half-written file is never used;
 * until then its former content counts. {@link #listing} is safe from any thread and does not wait.
 */
public final class RoomFolder implements RoomFiles {
  private static final Logger log = LoggerFactory.getLogger(RoomFolder.class);

  private final Path folder;
  private final TreeMap<String, KnownFile> files = new TreeMap<>();
  private volatile Listing listing = new Listing(List.of(), List.of());

  public RoomFolder(Path folder) {
    this.folder = folder;
  }

  /** Reads the folder once, without waiting for files that are being written. */
  public static Listing readOnce(Path folder) {
    var reader = new RoomFolder(folder);
    reader.look(Long.MAX_VALUE);
    return reader.listing();
  }

  /** The state of a file by which a change is recognised. */
  private record Version(long size, long modifiedMillis, @Nullable Object key) {}

  /** A file that the last look found, or that disappeared a moment ago. */
  private static final class KnownFile {
    @Nullable Version version;

    /** The time of the look that first found this version, or that first missed the file. */
    long since;

    /** Whether {@code content} was read from this version. */
    boolean current;

    @Nullable RoomFileContent content;
  }

  @Override
  public Listing listing() {
    return listing;
  }

  /**
   * Looks at the folder.
   *
   * @param nowMillis milliseconds since the epoch
   */
  public synchronized void look(long nowMillis) {
    List<RoomFileProblem> problems = new ArrayList<>();
    try {
      compare(versions(), nowMillis, problems);
    } catch (IOException e) {
      // The files that were read before stay usable.
      problems.add(new RoomFileProblem(folder.toString(), 0, "cannot be read: " + reason(e)));
    }
    publish(problems);
  }

  private Map<String, Version> versions() throws IOException {
    var found = new TreeMap<String, Version>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder, "*" + RoomFileReader.EXTENSION)) {
      for (var entry : entries) {
        var version = version(entry);
        var name = String.valueOf(entry.getFileName());
        if (version.isPresent() && !name.startsWith(".")) {
          found.put(name, version.get());
        }
      }
    }
    return found;
  }

  private static Optional<Version> version(Path file) throws IOException {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Optional.of(
              new Version(
                  attributes.size(),
                  attributes.lastModifiedTime().toMillis(),
                  attributes.fileKey()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty(); // It was removed meanwhile.
    }
  }

  private void compare(Map<String, Version> found, long nowMillis, List<RoomFileProblem> problems) {
    for (var name : List.copyOf(files.keySet())) {
      if (!found.containsKey(name)) {
        missing(name, nowMillis);
      }
    }
    var count = 0;
    for (var entry : found.entrySet()) {
      if (++count > FixedServiceLimits.ROOM_FILES_MAX) {
        files.remove(entry.getKey());
        problems.add(
            new RoomFileProblem(
                entry.getKey(),
                0,
                "the folder has more than "
                    + FixedServiceLimits.ROOM_FILES_MAX
                    + " room files; this one is not offered"));
      } else {
        present(entry.getKey(), entry.getValue(), nowMillis);
      }
    }
  }

  /** A file is missing. Some editors remove a file for a moment while they write it. */
  private void missing(String name, long nowMillis) {
    var file = files.get(name);
    if (file == null) {
      return;
    }
    if (file.version != null) {
      file.version = null;
      file.since = nowMillis;
    }
    if (nowMillis - file.since >= FixedServiceLimits.ROOM_FILE_SETTLE_MILLIS
        || file.content == null) {
      files.remove(name);
      log.info("room file {} is gone", name);
    }
  }

  private void present(String name, Version version, long nowMillis) {
    var file = files.get(name);
    if (file == null) {
      file = new KnownFile();
      // A file that is older than the wait can be read at the first look.
      file.version = version;
      file.since = Math.min(nowMillis, version.modifiedMillis());
      files.put(name, file);
    } else if (!version.equals(file.version)) {
      file.version = version;
      file.since = nowMillis;
      file.current = false;
    }
    if (!file.current && nowMillis - file.since >= FixedServiceLimits.ROOM_FILE_SETTLE_MILLIS) {
      read(name, version, file);
    }
  }

  private void read(String name, Version version, KnownFile file) {
    var path = folder.resolve(name);
    RoomFileContent content;
    try {
      content =
          version.size() > FixedServiceLimits.ROOM_FILE_BYTES_MAX
              ? faulty(
                  name,
                  "has "
                      + version.size()
                      + " bytes; at most "
                      + FixedServiceLimits.ROOM_FILE_BYTES_MAX
                      + " fit")
              : RoomFileReader.read(name, text(path));
      if (!version(path).equals(Optional.of(version))) {
        return; // The file changed while it was read; the next look sees the new version.
      }
    } catch (CharacterCodingException e) {
      content = faulty(name, "is not UTF-8");
    } catch (IOException e) {
      content = faulty(name, "cannot be read: " + reason(e));
    }
    file.current = true;
    file.content = content;
    switch (content) {
      case RoomFileContent.Usable(var usable) ->
          log.info("room file {} is offered as “{}”", name, usable.name());
      case RoomFileContent.Faulty(var problems) ->
          problems.forEach(problem -> log.warn("room file {}", problem));
    }
  }

  private static String text(Path path) throws IOException {
    try (var in = Files.newInputStream(path)) {
      var bytes = in.readNBytes(FixedServiceLimits.ROOM_FILE_BYTES_MAX);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }

  private static RoomFileContent faulty(String name, String reason) {
    return new RoomFileContent.Faulty(List.of(new RoomFileProblem(name, 0, reason)));
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "it does not exist" : e.getClass().getSimpleName();
  }

  private void publish(List<RoomFileProblem> problems) {
    List<RoomFile> usable = new ArrayList<>();
    for (var file : files.values()) {
      switch (file.content) {
        case null -> {}
        case RoomFileContent.Usable(var read) -> usable.add(read);
        case RoomFileContent.Faulty(var faults) -> problems.addAll(faults);
      }
    }
    usable.sort(Comparator.comparing(RoomFile::name).thenComparing(RoomFile::id));
    problems.sort(
        Comparator.comparing(RoomFileProblem::file).thenComparingInt(RoomFileProblem::line));
    listing = new Listing(usable, problems);
  }
}
