package dev.parlor.crdt.room;

/** Makes fresh ids; each call another one. */
@FunctionalInterface
public interface IdSource {
  String next();
}
