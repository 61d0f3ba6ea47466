package dev.parlor.room.schema;

/** A request to end a run; the answer keeps the text so far. */
public record Stop(String request, String by, long at) {}
