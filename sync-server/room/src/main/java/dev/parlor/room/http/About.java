package dev.parlor.room.http;

import java.util.List;
import java.util.function.Supplier;

/**
 * The facts about the server that its page shows or needs.
 *
 * @param storageId the storage id with which {@code remote-heads} messages report saved heads [DU2]
 * @param peerId the server's peer id in the sync protocol
 * @param modelName the name of the default model
 * @param furtherModels other models that a room may choose
 * @param rehearsal whether the built-in model answers, because no model endpoint is configured
 * @param appsAddress the address of published apps, with {@code {app}} and {@code {user}} in the
 *     place of the slugs; known when the server listens
 */
public record About(
    String version,
    String storageId,
    String peerId,
    String modelName,
    List<String> furtherModels,
    boolean rehearsal,
    Supplier<String> appsAddress) {}
