package dev.parlor.server.config;

import dev.parlor.apps.limits.Quotas;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The configuration of apps and contexts.
 *
 * @param deviceCa file with the public key of the authority of device certificates; empty if no
 *     device is accepted
 * @param host the domain under which every app has its own host name, in lower case; empty if apps
 *     are served by path only
 * @param esbuild the program that compiles JSX and TypeScript; empty for the built-in copy
 * @param quotas the limits of a user's storage
 */
public record AppsConfig(
    Optional<Path> deviceCa, Optional<String> host, Optional<Path> esbuild, Quotas quotas) {}
