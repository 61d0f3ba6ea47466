package dev.parlor.room.schema;

/** A shared text. Closing the windows that show it does not delete it. */
public record Note(String id, String text) {}
