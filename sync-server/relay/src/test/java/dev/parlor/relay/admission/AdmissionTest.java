package dev.parlor.relay.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.config.Limits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests the limits of a document: each is tested at the limit and one above it. */
class AdmissionTest {

  private static final Role WRITER = Role.PLAYER;
  private static final Role SPECTATOR = Role.SPECTATOR;

  private final List<ChangeChunk> three = changes();
  private final int totalBytes = three.stream().mapToInt(change -> change.plain().length()).sum();
  private final int longestBytes =
      three.stream().mapToInt(change -> change.plain().length()).max().orElseThrow();

  private static List<ChangeChunk> changes() {
    var changes = new ArrayList<ChangeChunk>();
    try (var replica = Replica.create(new ActorId(Bytes.wrap(new byte[16])))) {
      for (var i = 0; i < 3; i++) {
        var edit = new Edit.Put(Path.of("k"), new Value.Int(i));
        var chunk = replica.transact(List.of(edit)).orElseThrow();
        changes.add(ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow());
      }
    }
    return changes;
  }

  private static Admission admission(
      int bytesPerChange, long bytesPerDocument, int changes, long operations) {
    return new Admission(
        new Limits.Changes(bytesPerChange, bytesPerDocument, changes, 1_000, operations, 1_000));
  }

  private static Admission admission() {
    return new Admission(Limits.defaults().changes());
  }

  private static void assertAdmitted(Verdict verdict) {
    assertInstanceOf(Verdict.Admitted.class, verdict);
  }

  private static void assertExcessive(Verdict verdict) {
    assertEquals("AD3", assertInstanceOf(Verdict.Excessive.class, verdict).rule());
  }

  @Test
  @DisplayName("[AD3] changes above the maximum number of changes of a document are refused")
  void numberOfChanges() {
    var admission = admission(1_000, 10_000, 10, 100);
    assertAdmitted(admission.judge(WRITER, false, three, 7, 0, 0));
    assertExcessive(admission.judge(WRITER, false, three, 8, 0, 0));
    assertExcessive(admission.judge(WRITER, false, three, Integer.MAX_VALUE, 0, 0));
  }

  @Test
  @DisplayName("[AD3] changes above the maximum size of a document are refused")
  void sizeOfADocument() {
    var admission = admission(1_000, 10_000, 10, 100);
    assertAdmitted(admission.judge(WRITER, false, three, 0, 10_000 - totalBytes, 0));
    assertExcessive(admission.judge(WRITER, false, three, 0, 10_001 - totalBytes, 0));
  }

  @Test
  @DisplayName("[AD3] a change to a document with the maximum number of operations is refused")
  void numberOfOperations() {
    var admission = admission(1_000, 10_000, 10, 100);
    assertAdmitted(admission.judge(WRITER, false, three, 0, 0, 99));
    assertExcessive(admission.judge(WRITER, false, three, 0, 0, 100));
  }

  @Test
  @DisplayName("[AD3] a change above the maximum size of a change is refused")
  void sizeOfAChange() {
    assertAdmitted(admission(longestBytes, 10_000, 10, 100).judge(WRITER, false, three, 0, 0, 0));
    assertExcessive(
        admission(longestBytes - 1, 10_000, 10, 100).judge(WRITER, false, three, 0, 0, 0));
  }

  @Test
  @DisplayName(
      "[AD5] a spectator's change is refused, unless the document's policy lets spectators write")
  void changesOfSpectators() {
    var verdict = admission().judge(SPECTATOR, false, three, 0, 0, 0);
    assertEquals("AD5", assertInstanceOf(Verdict.Forbidden.class, verdict).rule());
    assertAdmitted(admission().judge(SPECTATOR, true, three, 0, 0, 0));
    assertAdmitted(admission().judge(SPECTATOR, false, List.of(), 0, 0, 0));
  }
}
