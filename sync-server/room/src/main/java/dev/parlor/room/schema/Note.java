package dev.parlor.room.schema;

/** A shared text. It stays when the windows that show it are closed. */
public record Note(String id, String text) {}
