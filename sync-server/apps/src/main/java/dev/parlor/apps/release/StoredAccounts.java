package dev.parlor.apps.release;

import dev.parlor.apps.record.Futures;
import dev.parlor.apps.record.JsonRecord;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.Range;
import java.util.List;

/** What each user stores, for operators. Safe from any thread; every call waits for the store. */
public final class StoredAccounts {
  private static final JsonRecord<AppRecords.Account> JSON =
      new JsonRecord<>(AppRecords.Account.class);
  private static final String END = String.valueOf(Character.MAX_VALUE);
  private static final int PAGE = 500;

  private final RecordStore store;

  public StoredAccounts(RecordStore store) {
    this.store = store;
  }

  /**
   * The apps of one user.
   *
   * @param bytes bytes of all files of the user's releases; files of several users count for each
   */
  public record Usage(String userId, int userSlugs, int apps, int releases, long bytes) {}

  /**
   * Some users, in the order of their ids.
   *
   * @param after the users after this id; empty for the first
   */
  public List<Usage> page(String after, int limit) {
    var from = after.isEmpty() ? "" : after + '\0';
    return Futures.await(store.range(new Range(AppRecords.ACCOUNTS, from, END, limit, false)))
        .stream()
        .map(entry -> usage(entry.key(), JSON.read(entry.value())))
        .toList();
  }

  private static Usage usage(String userId, AppRecords.Account account) {
    return new Usage(userId, account.slugs(), account.apps(), account.releases(), account.bytes());
  }

  /** The bytes of all users. */
  public long bytes() {
    var sum = 0L;
    var after = "";
    while (true) {
      var page = page(after, PAGE);
      sum += page.stream().mapToLong(Usage::bytes).sum();
      if (page.size() < PAGE) {
        return sum;
      }
      after = page.getLast().userId();
    }
  }
}
