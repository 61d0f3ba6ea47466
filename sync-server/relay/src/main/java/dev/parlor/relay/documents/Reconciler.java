package dev.parlor.relay.documents;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.content.ChangeBuilder;
import dev.parlor.crdt.content.ContentValue;
import dev.parlor.crdt.content.OperationId;
import dev.parlor.crdt.content.Place;
import dev.parlor.crdt.content.Slot;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.relay.documents.Difference.Hunk;
import dev.parlor.relay.documents.DocumentFault.Kind;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the operations that give a document a wanted content in plain JSON, see {@link JsonForm}.
 * Parts that are equal already get no operation. Maps keep their other keys' operations, texts are
 * spliced, lists keep the elements that are equal, and a value of a special type keeps its type:
 * for example, a counter is incremented by the difference. So concurrent edits of other people
 * survive. Belongs to one thread.
 */
final class Reconciler {
  private final ChangeBuilder change;

  Reconciler(ChangeBuilder change) {
    this.change = change;
  }

  /**
   * Gives a map the wanted entries, and no others.
   *
   * @param pointer the JSON pointer of the map, for errors
   */
  void reconcile(ContentValue.MapOf map, JsonNode wanted, String pointer) {
    map.entries()
        .forEach(
            (key, slot) -> {
              if (!wanted.has(key)) {
                change.delete(new Place.Key(map.id(), key, slot.predecessors()));
              }
            });
    for (var entry : wanted.properties()) {
      var key = entry.getKey();
      var below = pointer + "/" + escape(key);
      var slot = map.entries().get(key);
      if (slot == null) {
        write(new Place.Key(map.id(), key, List.of()), entry.getValue(), below);
      } else {
        var place = new Place.Key(map.id(), key, slot.predecessors());
        replace(place, slot, entry.getValue(), below);
      }
    }
  }

  private static String escape(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }

  /** Gives a place that has a value the wanted value. */
  private void replace(Place place, Slot slot, JsonNode wanted, String pointer) {
    var value = slot.winner().value();
    switch (value) {
      case ContentValue.MapOf map when wanted.isObject() -> reconcile(map, wanted, pointer);
      case ContentValue.ListOf list when wanted.isArray() -> reconcile(list, wanted, pointer);
      case ContentValue.TextOf text when wanted.isTextual() -> {
        if (!text.text().equals(wanted.textValue())) {
          splice(text, wanted.textValue());
        }
      }
      default -> {
        if (!DocumentJson.same(JsonForm.plain(value), wanted)) {
          replaceScalar(place, value, wanted, pointer);
        }
      }
    }
  }

  /** Replaces a value that differs, and keeps its type if the wanted value can have it. */
  private void replaceScalar(Place place, ContentValue value, JsonNode wanted, String pointer) {
    switch (value) {
      case ContentValue.Counter(var sum) when wanted.canConvertToExactIntegral() -> {
        if (!wanted.canConvertToLong()) {
          throw tooLarge(pointer);
        }
        change.increment(place, wanted.longValue() - sum);
      }
      case ContentValue.Timestamp _ when wanted.isTextual() ->
          change.set(place, new ContentValue.Timestamp(millis(wanted.textValue(), pointer)));
      case ContentValue.Blob _ when wanted.isTextual() ->
          change.set(place, new ContentValue.Blob(bytes(wanted.textValue(), pointer)));
      case ContentValue.Str _ when wanted.isTextual() ->
          change.set(place, new ContentValue.Str(wanted.textValue()));
      case ContentValue.Float64 _ when isDouble(wanted) ->
          change.set(place, new ContentValue.Float64(finite(wanted, pointer)));
      case ContentValue.Uint _
          when wanted.canConvertToLong() && wanted.longValue() >= 0 && wanted.isIntegralNumber() ->
          change.set(place, new ContentValue.Uint(wanted.longValue()));
      default -> write(place, wanted, pointer);
    }
  }

  /** Whether a float holds the number exactly. */
  private static boolean isDouble(JsonNode wanted) {
    return wanted.isFloatingPointNumber()
        || (wanted.isNumber()
            && Double.isFinite(wanted.doubleValue())
            && new BigDecimal(wanted.doubleValue()).compareTo(wanted.decimalValue()) == 0);
  }

  private static long millis(String text, String pointer) {
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeException | ArithmeticException _) {
      throw DocumentFault.field(
          Kind.UNACCEPTABLE,
          pointer,
          "this value is a timestamp; write it in ISO 8601, as 2026-01-31T12:00:00.000Z, or remove"
              + " it first");
    }
  }

  private static Bytes bytes(String text, String pointer) {
    try {
      return Bytes.wrap(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException _) {
      throw DocumentFault.field(
          Kind.UNACCEPTABLE,
          pointer,
          "this value is bytes; write it in Base64, or remove it first");
    }
  }

  /** Writes a new value. */
  private void write(Place place, JsonNode wanted, String pointer) {
    switch (wanted.getNodeType()) {
      case OBJECT -> {
        var map = change.makeMap(place);
        for (var entry : wanted.properties()) {
          write(
              new Place.Key(map, entry.getKey(), List.of()),
              entry.getValue(),
              pointer + "/" + escape(entry.getKey()));
        }
      }
      case ARRAY -> {
        var list = change.makeList(place);
        @Nullable OperationId before = null;
        for (var i = 0; i < wanted.size(); i++) {
          before = insert(list, before, wanted.get(i), pointer + "/" + i);
        }
      }
      case STRING -> change.insertText(change.makeText(place), null, wanted.textValue());
      case BOOLEAN -> change.set(place, new ContentValue.Bool(wanted.booleanValue()));
      case NUMBER -> change.set(place, number(wanted, pointer));
      default -> change.set(place, new ContentValue.Null());
    }
  }

  /** Inserts a new element into a list; the result is the element's id. */
  private OperationId insert(
      @Nullable OperationId list, @Nullable OperationId before, JsonNode wanted, String pointer) {
    var next = change.next();
    write(new Place.After(list, before), wanted, pointer);
    return next;
  }

  private static ContentValue number(JsonNode wanted, String pointer) {
    if (!wanted.isIntegralNumber()) {
      return new ContentValue.Float64(finite(wanted, pointer));
    }
    if (wanted.canConvertToLong()) {
      return new ContentValue.Int(wanted.longValue());
    }
    var number = wanted.bigIntegerValue();
    if (number.signum() < 0 || number.bitLength() > Long.SIZE) {
      throw tooLarge(pointer);
    }
    return new ContentValue.Uint(number.longValue());
  }

  private static double finite(JsonNode wanted, String pointer) {
    var number = wanted.doubleValue();
    if (!Double.isFinite(number)) {
      throw tooLarge(pointer);
    }
    return number;
  }

  private static DocumentFault tooLarge(String pointer) {
    return DocumentFault.field(
        Kind.UNACCEPTABLE, pointer, "the number is too large for the types of Automerge");
  }

  private void splice(ContentValue.TextOf text, String wanted) {
    var elements = text.elements();
    var numbers = new HashMap<String, Integer>();
    var old = new int[elements.size()];
    for (var i = 0; i < old.length; i++) {
      old[i] = number(numbers, elements.textAt(i));
    }
    var points = Texts.wellFormed(wanted).codePoints().mapToObj(Character::toString).toList();
    var now = points.stream().mapToInt(point -> number(numbers, point)).toArray();
    for (var hunk : Difference.between(old, now)) {
      if (hunk.newTo() > hunk.newFrom()) {
        change.insertText(
            text.id(),
            elements.insertionPoint(hunk.from()),
            String.join("", points.subList(hunk.newFrom(), hunk.newTo())));
      }
      for (var i = hunk.from(); i < hunk.to(); i++) {
        change.delete(new Place.Element(text.id(), elements.idAt(i), elements.predecessorsAt(i)));
      }
    }
  }

  private static <T> int number(Map<T, Integer> numbers, T item) {
    return numbers.computeIfAbsent(item, _ -> numbers.size());
  }

  private void reconcile(ContentValue.ListOf list, JsonNode wanted, String pointer) {
    var elements = list.elements();
    var numbers = new HashMap<JsonNode, Integer>();
    var old = new int[elements.size()];
    for (var i = 0; i < old.length; i++) {
      old[i] = number(numbers, JsonForm.plain(elements.get(i).slot().winner().value()));
    }
    var now = new int[wanted.size()];
    for (var i = 0; i < now.length; i++) {
      now[i] = number(numbers, wanted.get(i));
    }
    for (var hunk : Difference.between(old, now)) {
      replace(list, hunk, wanted, pointer);
    }
  }

  /**
   * Replaces some elements of a list. Old and new elements of the same kind are paired in their
   * order, and the old element of a pair is changed; the other old elements are deleted.
   */
  private void replace(ContentValue.ListOf list, Hunk hunk, JsonNode wanted, String pointer) {
    var elements = list.elements();
    var old = new int[hunk.to() - hunk.from()];
    for (var i = 0; i < old.length; i++) {
      old[i] = kind(JsonForm.plain(elements.get(hunk.from() + i).slot().winner().value()));
    }
    var now = new int[hunk.newTo() - hunk.newFrom()];
    for (var i = 0; i < now.length; i++) {
      now[i] = kind(wanted.get(hunk.newFrom() + i));
    }
    var position = hunk.newFrom();
    var at = hunk.from();
    for (var part : Difference.between(old, now)) {
      for (; at < hunk.from() + part.from(); at++, position++) {
        replace(list, at, wanted.get(position), pointer + "/" + position);
      }
      for (; at < hunk.from() + part.to(); at++) {
        var element = elements.get(at);
        change.delete(new Place.Element(list.id(), element.id(), element.slot().predecessors()));
      }
      var before = at == 0 ? null : elements.get(at - 1).id();
      for (; position < hunk.newFrom() + part.newTo(); position++) {
        before = insert(list.id(), before, wanted.get(position), pointer + "/" + position);
      }
    }
    for (; at < hunk.to(); at++, position++) {
      replace(list, at, wanted.get(position), pointer + "/" + position);
    }
  }

  private void replace(ContentValue.ListOf list, int index, JsonNode wanted, String pointer) {
    var element = list.elements().get(index);
    var place = new Place.Element(list.id(), element.id(), element.slot().predecessors());
    replace(place, element.slot(), wanted, pointer);
  }

  /** The kind of a value: elements of a list change only into values of the same kind. */
  private static int kind(JsonNode value) {
    return value.isObject() ? 1 : value.isArray() ? 2 : value.isTextual() ? 3 : 4;
  }
}
