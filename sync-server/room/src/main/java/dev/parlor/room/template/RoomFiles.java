package dev.parlor.room.template;

import java.util.List;
import java.util.Optional;

/** The room files that a server offers. Safe from any thread; never blocks. */
public interface RoomFiles {

  /**
   * The files at one moment.
   *
   * @param usable the files that can be used, by name
   * @param problems the faults of all other files, by file and line
   */
  record Listing(List<RoomFile> usable, List<RoomFileProblem> problems) {
    public Listing {
      usable = List.copyOf(usable);
      problems = List.copyOf(problems);
    }

    /** The usable file with this id. */
    public Optional<RoomFile> find(String id) {
      return usable.stream().filter(file -> file.id().equals(id)).findFirst();
    }
  }

  /** The present files. */
  Listing listing();

  /** A server without a folder of room files. */
  RoomFiles NONE = () -> new Listing(List.of(), List.of());
}
