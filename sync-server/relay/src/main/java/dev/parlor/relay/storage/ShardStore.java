package dev.parlor.relay.storage;

/** One shard: its store, or a placeholder that says why the shard is unavailable. */
sealed interface ShardStore extends ChangeStore permits MapDbChangeStore, UnavailableStore {}
