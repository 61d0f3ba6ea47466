package dev.parlor.room.template;

import dev.parlor.room.schema.GenesisOptions;
import java.util.Optional;

/**
 * A room file that can be used.
 *
 * @param id the file's name without {@code .md}; requests name the file by it
 * @param name the name that people see
 * @param description one sentence that people see; may be empty
 * @param sharedKey rooms of all files with this key are one room; empty for a new room each time
 * @param multiplayer whether other people may enter; otherwise only the owner may
 * @param content the content of a new room
 */
public record RoomFile(
    String id,
    String name,
    String description,
    Optional<String> sharedKey,
    boolean multiplayer,
    GenesisOptions content) {}
