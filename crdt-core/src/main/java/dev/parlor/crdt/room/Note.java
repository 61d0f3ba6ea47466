package dev.parlor.crdt.room;

/** A shared text; outlives the windows that show it. */
public record Note(String id, String text) {}
