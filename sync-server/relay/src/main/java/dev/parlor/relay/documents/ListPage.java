package dev.parlor.relay.documents;

import dev.parlor.crdt.identity.DocumentId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * A page of a list of documents.
 *
 * @param documents ascending by id
 * @param next the value of {@code after} for the next page; empty at the end of the list
 */
public record ListPage(List<DocumentId> documents, Optional<String> next) {
  private static final Comparator<DocumentId> BY_TEXT = Comparator.comparing(DocumentId::value);

  public ListPage {
    documents = List.copyOf(documents);
  }

  /** The first ids after a text, ascending. The time is linear in the number of all ids. */
  static List<DocumentId> smallest(Collection<DocumentId> all, Optional<String> after, int max) {
    var smallest = new PriorityQueue<>(BY_TEXT.reversed());
    for (var document : all) {
      if (after.filter(text -> document.value().compareTo(text) <= 0).isPresent()) {
        continue;
      }
      smallest.add(document);
      if (smallest.size() > max) {
        smallest.poll();
      }
    }
    return smallest.stream().sorted(BY_TEXT).toList();
  }

  /**
   * Chooses the documents of a page.
   *
   * @param candidates ascending; one more than {@code scannedMax} if there are more
   * @param scannedMax candidates that are tested; then the page ends, even if it is not full
   */
  static ListPage of(
      List<DocumentId> candidates, int limit, int scannedMax, Predicate<DocumentId> isListed) {
    var listed = new ArrayList<DocumentId>();
    for (var i = 0; i < candidates.size(); i++) {
      if (listed.size() == limit || i == scannedMax) {
        return new ListPage(listed, Optional.of(candidates.get(i - 1).value()));
      }
      var document = candidates.get(i);
      if (isListed.test(document)) {
        listed.add(document);
      }
    }
    return new ListPage(listed, Optional.empty());
  }
}
