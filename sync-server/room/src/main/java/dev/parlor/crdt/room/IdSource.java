package dev.parlor.crdt.room;

/** Makes new ids; each call returns another id. */
@FunctionalInterface
public interface IdSource {
  String next();
}
