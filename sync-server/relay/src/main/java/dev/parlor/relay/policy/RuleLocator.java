package dev.parlor.relay.policy;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.relay.policy.PathPattern.Segment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rule that decides about a place in one document: the first whose pattern matches the
 * path. Belongs to the document's worker.
 *
 * <p>The place of the last object is kept, because consecutive operations are often on the same
 * object. The cost for another object grows with its depth and the number of rules, never with the
 * history.
 */
final class RuleLocator {

  /** The result of {@link #find} if no rule matches. */
  static final int NONE = -1;

  private final List<DocumentRule> rules;
  private final OperationIndex index;

  /** The subject of the writer's token; null if the writer has none. */
  private @Nullable Bytes subject;

  // The place of the last object.
  private int object = -1;
  private boolean isText;

  /** The keys from the root to the object; {@link OperationIndex#NO_KEY} in a list. */
  private int[] path = new int[8];

  private int depth;

  /** The rules that can match the object or something inside, in the order of the file. */
  private final int[] live;

  private int liveCount;

  /** The key of the last operation on this object, with its rule; -2 if there was none yet. */
  private int lastKey = -2;

  private int lastRule = NONE;

  RuleLocator(List<DocumentRule> rules, OperationIndex index) {
    this.rules = rules;
    this.index = index;
    this.live = new int[rules.size()];
  }

  /**
   * Forgets the last place. The numbers of objects and keys that a refused change made are used
   * again.
   *
   * @param writer the subject of the writer's token; null if the writer has none
   */
  void begin(@Nullable Bytes writer) {
    subject = writer;
    object = -1;
  }

  /** Whether the object of the last operation is a text. */
  boolean isText() {
    return isText;
  }

  /**
   * The number of the rule for a write, or {@link #NONE}. A write into a text counts as a write to
   * the text itself.
   *
   * @param into the object that is written
   * @param key the number of the key, or {@link OperationIndex#NO_KEY}
   */
  int find(int into, int key) {
    if (into != object) {
      locate(into);
    }
    if (key != lastKey) {
      lastKey = key;
      lastRule = isText ? ofObject() : ofChild(key);
    }
    return lastRule;
  }

  private void locate(int into) {
    object = into;
    isText = index.isText(into);
    lastKey = -2;
    depth = 0;
    for (var at = into; at != OperationIndex.ROOT; at = index.parent(at)) {
      if (depth == path.length) {
        path = Arrays.copyOf(path, 2 * depth);
      }
      path[depth++] = index.parentKey(at);
    }
    for (int first = 0, last = depth - 1; first < last; first++, last--) {
      var key = path[first];
      path[first] = path[last];
      path[last] = key;
    }
    liveCount = 0;
    for (var i = 0; i < rules.size(); i++) {
      if (matchesObject(rules.get(i).path())) {
        live[liveCount++] = i;
      }
    }
  }

  /** Whether a pattern matches the path of the object so far, so that its rest may match more. */
  private boolean matchesObject(PathPattern pattern) {
    var segments = pattern.segments();
    if (segments.size() < depth && !pattern.hasRest()) {
      return false;
    }
    var common = Math.min(segments.size(), depth);
    for (var i = 0; i < common; i++) {
      if (!matches(segments.get(i), path[i])) {
        return false;
      }
    }
    return true;
  }

  /** The rule for the object itself. */
  private int ofObject() {
    for (var i = 0; i < liveCount; i++) {
      var pattern = rules.get(live[i]).path();
      if (pattern.segments().size() <= depth) {
        return live[i];
      }
    }
    return NONE;
  }

  /** The rule for a key or an element of the object. */
  private int ofChild(int key) {
    for (var i = 0; i < liveCount; i++) {
      var pattern = rules.get(live[i]).path();
      var segments = pattern.segments();
      var size = segments.size();
      if (size <= depth
          ? pattern.hasRest()
          : size == depth + 1 && matches(segments.get(depth), key)) {
        return live[i];
      }
    }
    return NONE;
  }

  private boolean matches(Segment segment, int key) {
    return switch (segment) {
      case Segment.Any _ -> true;
      case Segment.Key(var expected) ->
          key != OperationIndex.NO_KEY && index.key(key).equals(expected);
      case Segment.Subject _ ->
          key != OperationIndex.NO_KEY && subject != null && index.key(key).equals(subject);
    };
  }

  /**
   * The path of the last operation for an error message. Keys that are not in the policy stand as
   * {@code *}, because messages are logged and the keys of a document may be private.
   */
  String describe() {
    var text = new StringBuilder();
    for (var i = 0; i < depth; i++) {
      text.append('/').append(describe(i, path[i]));
    }
    if (!isText) {
      text.append('/').append(describe(depth, lastKey));
    }
    return text.toString();
  }

  private String describe(int level, int key) {
    if (key == OperationIndex.NO_KEY) {
      return "*";
    }
    for (var rule : rules) {
      var segments = rule.path().segments();
      if (level < segments.size()
          && segments.get(level) instanceof Segment.Key(var known)
          && index.key(key).equals(known)) {
        return known.toUtf8();
      }
    }
    return subject != null && index.key(key).equals(subject) ? "{subject}" : "*";
  }
}
