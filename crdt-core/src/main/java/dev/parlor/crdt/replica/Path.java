package dev.parlor.crdt.replica;

import java.util.ArrayList;
import java.util.List;

/**
 * The path of a value in a document: map keys ({@code String}) and list positions ({@code Integer},
 * from 0) from the root. Prints as {@code cards/0198.../muted}.
 */
public record Path(List<Object> steps) {

  public static final Path ROOT = new Path(List.of());

  public Path {
    steps = List.copyOf(steps);
    for (var step : steps) {
      switch (step) {
        case String key -> {
          if (key.isEmpty()) {
            throw new IllegalArgumentException("a path step must not be an empty key");
          }
        }
        case Integer index -> {
          if (index < 0) {
            throw new IllegalArgumentException("a list position must not be negative: " + index);
          }
        }
        default ->
            throw new IllegalArgumentException("a path step is a String or an Integer: " + step);
      }
    }
  }

  public static Path of(Object... steps) {
    return new Path(List.of(steps));
  }

  public Path child(Object step) {
    var longer = new ArrayList<>(steps);
    longer.add(step);
    return new Path(longer);
  }

  public boolean isRoot() {
    return steps.isEmpty();
  }

  @Override
  public String toString() {
    return String.join("/", steps.stream().map(Object::toString).toList());
  }
}
