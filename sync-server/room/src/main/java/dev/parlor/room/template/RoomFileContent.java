package dev.parlor.room.template;

import java.util.List;

/** The result of reading one room file. */
public sealed interface RoomFileContent {

  /** The file can be used. */
  record Usable(RoomFile file) implements RoomFileContent {}

  /** The file has faults. */
  record Faulty(List<RoomFileProblem> problems) implements RoomFileContent {
    public Faulty {
      problems = List.copyOf(problems);
    }
  }
}
