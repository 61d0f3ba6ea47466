package dev.parlor.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The keystrokes of one person, the same for every server: one letter each, mostly at the previous
 * position.
 *
 * @param strokes in order
 */
record Keystrokes(List<Stroke> strokes) {

  /** A letter and its position in the text. */
  record Stroke(int position, String letter) {}

  Keystrokes {
    strokes = List.copyOf(strokes);
  }

  /** The same seed gives the same keystrokes. */
  static Keystrokes typing(int count, long seed) {
    var random = new Random(seed);
    var strokes = new ArrayList<Stroke>(count);
    var caret = 0;
    for (var i = 0; i < count; i++) {
      if (random.nextInt(40) == 0) {
        caret = random.nextInt(i + 1);
      }
      var letter = random.nextInt(6) == 0 ? ' ' : (char) ('a' + random.nextInt(26));
      strokes.add(new Stroke(caret++, String.valueOf(letter)));
    }
    return new Keystrokes(strokes);
  }

  int count() {
    return strokes.size();
  }
}
