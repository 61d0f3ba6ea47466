package dev.parlor.room.schema;

/** Makes new ids; each call returns another id. */
@FunctionalInterface
public interface IdSource {
  String next();
}
