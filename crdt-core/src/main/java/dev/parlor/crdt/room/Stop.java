package dev.parlor.crdt.room;

/** Somebody's wish to end a run; the part so far is kept. */
public record Stop(String request, String by, long at) {}
