package dev.parlor.server.storage;

/** What may stand for one shard: its store, or the word that it cannot be had. */
sealed interface ShardStore extends ChangeStore permits MapDbChangeStore, UnavailableStore {}
