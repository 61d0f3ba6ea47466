package dev.parlor.room.template;

/**
 * A fault in a room file. The file is not offered until the fault is mended.
 *
 * @param file the file's name
 * @param line the line of the fault, from 1; 0 if the fault is not in a line
 * @param reason one sentence that names the field or the rule
 */
public record RoomFileProblem(String file, int line, String reason) {

  @Override
  public String toString() {
    return file + (line > 0 ? ":" + line : "") + ": " + reason;
  }
}
