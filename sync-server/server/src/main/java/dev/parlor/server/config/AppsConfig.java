package dev.parlor.server.config;

import dev.parlor.apps.api.RequestLog;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.rate.RequestRates;
import dev.parlor.apps.transform.OutsidePackages;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The configuration of apps and contexts.
 *
 * @param deviceCa file with the public key of the authority of device certificates; empty if no
 *     device is accepted
 * @param oldDeviceCa the same file of the authority before; empty for none
 * @param revokedDevices file with the revoked certificates; empty for none
 * @param host the domain under which every app has its own host name, in lower case; empty if apps
 *     are served by path only
 * @param esbuild the program that compiles JSX and TypeScript; empty for the built-in copy
 * @param quotas the limits of a user's storage
 * @param rates the limits of requests in a second
 * @param requestLog the requests with a line in the log
 * @param outsidePackages the packages that browsers load from another host
 */
public record AppsConfig(
    Optional<Path> deviceCa,
    Optional<Temporary<Path>> oldDeviceCa,
    Optional<Path> revokedDevices,
    Optional<String> host,
    Optional<Path> esbuild,
    Quotas quotas,
    RequestRates.Limits rates,
    RequestLog.Level requestLog,
    Optional<OutsidePackages> outsidePackages) {}
