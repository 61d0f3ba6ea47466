package dev.parlor.server.config;

import dev.parlor.apps.limits.Quotas;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The configuration of apps and contexts.
 *
 * @param deviceCa file with the public key of the authority of device certificates; empty if no
 *     device is accepted
 * @param host the domain under which every app has a host name of its own, in lower case; empty if
 *     apps are served by path only
 * @param esbuild the program that compiles JSX and TypeScript; empty for the built-in copy
 * @param quotas what one user may store
 */
public record AppsConfig(
    Optional<Path> deviceCa, Optional<String> host, Optional<Path> esbuild, Quotas quotas) {}
