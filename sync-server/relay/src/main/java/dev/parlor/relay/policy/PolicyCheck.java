package dev.parlor.relay.policy;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the operations of changes against the rules of a policy file [AD6]. Belongs to the
 * document's worker, which sets the author before each change.
 *
 * <p>The result for an operation depends only on its author, its place, its value and the change
 * that contains it. So the order in which changes are delivered has no influence.
 */
final class PolicyCheck implements ChangePolicy {

  private final DocumentRule[] rules;
  private final OperationIndex index;
  private final RuleLocator locator;
  private final boolean readersMayWrite;

  // The author of the current change. Consecutive changes often have the same author.
  private boolean trusted = true;
  private @Nullable String identity;
  private @Nullable Bytes subject;
  private @Nullable Role role;
  private Set<String> namedRoles = Set.of();

  /** Whether the author may write under each rule. */
  private final boolean[] includesAuthor;

  // The current change.

  /** The counter of the first operation of the change; 0 before it. */
  private long firstCounter;

  /** The bytes that the change has inserted into texts under each rule. */
  private final long[] textBytes;

  private boolean hasTextBytes;

  /** Whether the last operation was allowed only because of the element that it writes. */
  private boolean dependsOnElement;

  PolicyCheck(DocumentRules policy, OperationIndex index) {
    this.rules = policy.rules().toArray(DocumentRule[]::new);
    this.index = index;
    this.locator = new RuleLocator(policy.rules(), index);
    this.includesAuthor = new boolean[rules.length];
    this.textBytes = new long[rules.length];
    this.readersMayWrite =
        policy.rules().stream().anyMatch(rule -> rule.writers().mayIncludeReaders());
  }

  @Override
  public boolean coversAllDocuments() {
    return true;
  }

  @Override
  public void beginChange(String writer, Role as) {
    beginChange(writer, as, Set.of());
  }

  @Override
  public void beginChange(String writer, Role as, Set<String> named) {
    trusted = false;
    if (!writer.equals(identity)) {
      identity = writer;
      subject = Caller.subject(writer).map(Bytes::utf8).orElse(null);
    }
    if (as != role || !named.equals(namedRoles)) {
      role = as;
      namedRoles = named;
      for (var i = 0; i < rules.length; i++) {
        includesAuthor[i] = rules[i].writers().include(as, named);
      }
    }
    locator.begin(subject);
    firstCounter = 0;
    dependsOnElement = false;
    if (hasTextBytes) {
      Arrays.fill(textBytes, 0);
      hasTextBytes = false;
    }
  }

  @Override
  public void beginServerChange() {
    trusted = true;
  }

  @Override
  public void admitted() {}

  @Override
  public boolean spectatorsMayWrite() {
    return readersMayWrite;
  }

  @Override
  public @Nullable String checkOperation(OperationReader operation, int object, int key, int made) {
    if (trusted) {
      return null;
    }
    if (firstCounter == 0) {
      firstCounter = operation.counter();
    }
    dependsOnElement = false;
    var number = locator.find(object, key);
    if (number == RuleLocator.NONE) {
      return "no rule of the document policy is about " + locator.describe();
    }
    if (!includesAuthor[number]) {
      return refusal(number, "does not let this caller write");
    }
    var rule = rules[number];
    if (rule.append() && !isAddition(operation, object)) {
      return refusal(number, "only lets list elements be added");
    }
    return operation.action() == Action.DELETE ? null : checkValue(rule, number, operation);
  }

  /**
   * Whether an operation only adds: it inserts an element into a list, or its place was made by the
   * same change.
   */
  private boolean isAddition(OperationReader operation, int object) {
    if (index.isNew(object)) {
      return true;
    }
    if (operation.isKeyed() || locator.isText()) {
      return false;
    }
    if (operation.isInsert()) {
      return operation.action() != Action.MARK;
    }
    dependsOnElement = true;
    var element = operation.element();
    return OperationReader.actorOf(element) == 0
        && OperationReader.counterOf(element) >= firstCounter;
  }

  private @Nullable String checkValue(DocumentRule rule, int number, OperationReader operation) {
    var inText = locator.isText();
    if (!rule.kinds().isEmpty() && !rule.kinds().contains(ValueKind.of(operation, inText))) {
      return refusal(number, "does not allow this kind of value");
    }
    if (rule.bytesMax() == DocumentRule.UNLIMITED) {
      return null;
    }
    long bytes = operation.value().length();
    if (operation.valueType() != OperationReader.STRING
        && operation.valueType() != OperationReader.BYTES) {
      return null;
    }
    if (inText && operation.action() == Action.SET) {
      hasTextBytes = true;
      textBytes[number] += bytes;
      bytes = textBytes[number];
    }
    return bytes > rule.bytesMax()
        ? refusal(number, "allows at most " + rule.bytesMax() + " bytes")
        : null;
  }

  private String refusal(int number, String why) {
    return "rule "
        + (number + 1)
        + " of the document policy, "
        + rules[number].path().text()
        + ", "
        + why
        + " at "
        + locator.describe();
  }

  /**
   * Whether the result for an operation also holds for its repetitions. They have the same object,
   * the same key and no bytes; only their elements differ.
   */
  @Override
  public boolean coversRepeats() {
    return trusted || !dependsOnElement;
  }

  @Override
  public @Nullable String checkEnd() {
    return null;
  }
}
