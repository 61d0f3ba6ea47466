package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OperationReaderTest {

  private static final OperationLimits LIMITS = OperationLimits.DEFAULT;

  @Test
  @DisplayName(
      "[AD1] the reader reads every operation of Automerge JS, and as many as Automerge counts")
  void readsHistoriesOfAutomergeJs() {
    var changeCount = 0;
    for (var history : Histories.all()) {
      for (var i = 0; i < history.changes().size(); i++) {
        var count = OperationReader.check(history.changes().get(i), LIMITS);
        var name = history.name() + " change " + i;
        assertInstanceOf(Decoding.Decoded.class, count, name + ": " + count);
        if (!history.operations().isEmpty()) {
          assertEquals(history.operations().get(i), count.orElseThrow(), name);
        }
        changeCount++;
      }
    }
    assertTrue(changeCount > 650);
  }

  @Test
  @DisplayName("[AD1] the reader returns every field of a small change")
  void fieldsOfASmallChange() {
    var change = Histories.named("conflicts").changes().getFirst();
    var reader = OperationReader.open(change, LIMITS).orElseThrow();

    assertTrue(reader.next());
    assertEquals(OperationReader.NONE, reader.object());
    assertTrue(reader.isKeyed());
    assertEquals("key", reader.key().toUtf8());
    assertEquals(Action.SET, reader.action());
    assertEquals(OperationReader.INT, reader.valueType());
    assertEquals(Bytes.ofHex("00"), reader.value());

    assertTrue(reader.next());
    assertEquals("items", reader.key().toUtf8());
    assertEquals(Action.MAKE_LIST, reader.action());
    assertEquals(2, reader.counter());

    assertTrue(reader.next());
    assertEquals(OperationReader.pack(0, 2), reader.object());
    assertTrue(reader.isInsert());
    assertEquals(OperationReader.NONE, reader.element());
    assertEquals(Action.MAKE_TEXT, reader.action());
  }

  @Test
  @DisplayName("[AD3] a run of 2^60 operations is refused without expanding it")
  void hugeRunsAreRefused() {
    // insert: false x 2^60; action: delete x 2^60; value: null x 2^60; predecessors: none x 2^60
    var huge = "8080808080808080" + "10";
    var columns =
        columns(
            Map.of(
                0x34,
                huge,
                0x42,
                huge + "03",
                0x56,
                huge + "00",
                0x70,
                huge + "00",
                0x15,
                huge + "0161"));
    assertRefused(
        "AD3", columns); // not AD1 for a delete without a predecessor: no operation was read
    var sets =
        columns(
            Map.of(
                0x34,
                huge,
                0x42,
                huge + "01",
                0x56,
                huge + "00",
                0x70,
                huge + "00",
                0x15,
                huge + "0161"));
    assertRefused("AD3", sets);
    var manyPredecessors =
        columns(
            Map.of(
                0x15,
                "7f0161",
                0x34,
                "01",
                0x42,
                "7f01",
                0x56,
                "7f00",
                0x70,
                "7f" + huge,
                0x71,
                huge + "00",
                0x73,
                huge + "01"));
    assertRefused("AD3", manyPredecessors);
  }

  @Test
  @DisplayName("[AD1] operations in a non-canonical encoding are refused")
  void nonCanonicalEncodingsAreRefused() {
    assertAccepted(
        columns(Map.of(0x15, "7f0161", 0x34, "01", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00")));
    for (var changed :
        List.of(
            // A run of one value.
            Map.of(0x15, "010161", 0x34, "01", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00"),
            // The number 1 in two bytes.
            Map.of(0x15, "7f0161", 0x34, "01", 0x42, "7f8100", 0x56, "7f00", 0x70, "7f00"),
            // A column of booleans that is all false.
            Map.of(
                0x15, "7f0161", 0x34, "01", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00", 0x94, "01"),
            // Equal values in a literal.
            Map.of(0x15, "7e01610161", 0x34, "02", 0x42, "0201", 0x56, "0200", 0x70, "0200"),
            // Two runs of the same value.
            Map.of(0x15, "020161" + "020161", 0x34, "04", 0x42, "0401", 0x56, "0400", 0x70, "0400"),
            // A column of nulls only.
            Map.of(
                0x15, "7f0161", 0x34, "01", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00", 0x01, "0001"),
            // An insertion with a map key.
            Map.of(0x15, "7f0161", 0x34, "0001", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00"),
            // Bytes after the values.
            Map.of(
                0x15, "7f0161", 0x34, "01", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00", 0x57, "00"),
            // An unknown column.
            Map.of(
                0x15, "7f0161", 0x34, "01", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00", 0xb0,
                "7f00"))) {
      assertRefused("AD1", columns(changed));
    }
  }

  @Test
  @DisplayName("[AD1] inconsistent actions, values, keys, actors and columns are refused")
  void inconsistentFieldsAreRefused() {
    // Each case replaces some columns of the accepted change below.
    Map<String, Map<Integer, String>> cases =
        Map.ofEntries(
            Map.entry("an action is unknown", Map.of(0x42, "7f09")),
            Map.entry(
                "'s value or key does not fit",
                Map.of(0x42, "7f03")), // a delete without a predecessor
            Map.entry(
                "value or key does not fit its",
                Map.of(0x42, "7f05")), // an increment without a number
            Map.entry("does not fit its action", Map.of(0x42, "7f00", 0x56, "7f01")), // map: false
            Map.entry("the type of a value is unknown", Map.of(0x56, "7f0c")),
            Map.entry("a key is a string and an element", Map.of(0x11, "7f00", 0x13, "7f01")),
            Map.entry("outside the change's table", Map.of(0x01, "7f05", 0x02, "7f01")),
            Map.entry("is unknown or out of order", Map.of(0x99, "7f00")),
            Map.entry(
                "predecessors are not in ascending order",
                Map.of(0x70, "7f02", 0x71, "0200", 0x73, "7e027f")),
            Map.entry("longer than the others", Map.of(0x34, "02")));
    var change =
        Histories.all().stream()
            .flatMap(history -> history.changes().stream())
            .filter(candidate -> candidate.otherActors().isEmpty() && candidate.startOp() > 10)
            .findFirst()
            .orElseThrow();
    var accepted = Map.of(0x15, "7f0161", 0x34, "01", 0x42, "7f01", 0x56, "7f00", 0x70, "7f00");
    var outcome = outcome(change, columns(accepted));
    assertInstanceOf(Decoding.Decoded.class, outcome, outcome.toString());
    cases.forEach(
        (reason, columns) -> {
          var changed = new TreeMap<>(accepted);
          changed.putAll(columns);
          var refusal =
              assertInstanceOf(Decoding.Malformed.class, outcome(change, columns(changed)), reason);
          assertEquals("AD1", refusal.rule(), reason);
          assertTrue(refusal.reason().contains(reason), refusal.reason() + " for " + reason);
        });
  }

  @Test
  @DisplayName("[AD1] reading truncated or altered columns never throws")
  void damagedBytesNeverThrow() {
    var refused = 0;
    var accepted = 0;
    for (var history : Histories.all()) {
      for (var change : history.changes().subList(0, Math.min(60, history.changes().size()))) {
        var columns = change.columns().toArray();
        for (var at = 0; at < Math.min(columns.length, 300); at++) {
          for (var flip : new int[] {1, 0x40, 0x80, 0xff}) {
            var changed = columns.clone();
            changed[at] ^= (byte) flip;
            if (outcome(change, Bytes.wrap(changed)) instanceof Decoding.Decoded) {
              accepted++;
            } else {
              refused++;
            }
          }
          outcome(change, change.columns().slice(0, at));
        }
      }
    }
    assertTrue(refused > 10_000, refused + " refused");
    assertTrue(accepted > 1_000, accepted + " accepted");
  }

  private static Decoding<Integer> outcome(ChangeChunk change, Bytes columns) {
    return dev.parlor.crdt.format.ChangeCodec.decode(
            Histories.withColumns(change, columns), dev.parlor.crdt.format.FormatLimits.DEFAULT)
        .flatMap(changed -> OperationReader.check(changed, LIMITS));
  }

  private static void assertRefused(String rule, Bytes columns) {
    var outcome = outcome(Histories.named("conflicts").changes().getFirst(), columns);
    var refusal = assertInstanceOf(Decoding.Malformed.class, outcome);
    assertEquals(rule, refusal.rule(), refusal.reason());
  }

  private static void assertAccepted(Bytes columns) {
    var outcome = outcome(Histories.named("conflicts").changes().getFirst(), columns);
    assertInstanceOf(Decoding.Decoded.class, outcome, outcome.toString());
  }

  /** Columns by specification, as hexadecimal. */
  private static Bytes columns(Map<Integer, String> columns) {
    var table = new ByteWriter(64).uleb(columns.size());
    var data = new ArrayList<Bytes>();
    new TreeMap<>(columns)
        .forEach(
            (specification, hex) -> {
              table.uleb(specification).uleb(hex.length() / 2);
              data.add(Bytes.ofHex(hex));
            });
    data.addFirst(table.toBytes());
    return Bytes.concat(data);
  }
}
