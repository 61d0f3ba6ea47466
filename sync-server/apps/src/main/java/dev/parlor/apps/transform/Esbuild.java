package dev.parlor.apps.transform;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.transform.EsbuildProcess.Result;
import dev.parlor.apps.transform.ModuleCache.Outcome;
import dev.parlor.crdt.identity.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transforms sources by esbuild, one child process for each source. A source that crashes or
 * exhausts the compiler ends only its process. Every source waits on its own virtual thread for one
 * of two processes; a source above 64 KiB can take seconds, so only one of the two processes is
 * open to such sources. Equal sources share one run, and results are cached.
 *
 * <p>If a run ends without a result, the same binary transforms a trivial source. If that works,
 * the source is at fault, and the answer is {@code transform-failed}. Otherwise the binary cannot
 * run, and the answer is {@code unavailable}.
 */
public final class Esbuild implements SourceTransformer {
  private static final Logger LOG = LoggerFactory.getLogger(Esbuild.class);
  private static final Executor VIRTUAL = Thread::startVirtualThread;
  private static final Bytes TRIVIAL = Bytes.utf8("export default 1;");

  /**
   * The times after which a process is killed.
   *
   * @param source for a source of a deploy
   * @param trivial for the trivial source that tells whether the binary runs
   */
  record Times(Duration source, Duration trivial) {}

  private final Path binary;
  private final Times times;
  private final ModuleCache cache = new ModuleCache(AppLimits.TRANSFORM_CACHE_BYTES_MAX);
  private final Map<ModuleCache.Key, CompletableFuture<Outcome>> running =
      new ConcurrentHashMap<>();
  private final Semaphore pending = new Semaphore(AppLimits.TRANSFORMS_PENDING_MAX);
  private final Semaphore processes = new Semaphore(AppLimits.TRANSFORMS_MAX, true);
  private final Semaphore large = new Semaphore(AppLimits.TRANSFORMS_LARGE_MAX, true);
  private volatile @Nullable String failure;

  /** Transforms by this binary of esbuild. It is started for the first source. */
  public Esbuild(Path binary) {
    this(
        binary,
        new Times(
            Duration.ofMillis(AppLimits.TRANSFORM_MILLIS_MAX),
            Duration.ofMillis(AppLimits.TRANSFORM_MILLIS_MAX)));
  }

  Esbuild(Path binary, Times times) {
    this.binary = binary.toAbsolutePath();
    this.times = times;
  }

  /**
   * The reason why no source can be transformed, in a sentence for the operator; empty if the
   * binary is there and the latest run of it did not show that it cannot run.
   */
  public Optional<String> missing() {
    if (!Files.isExecutable(binary)) {
      return Optional.of("esbuild is missing: " + binary + " is no program");
    }
    return Optional.ofNullable(failure);
  }

  @Override
  public CompletableFuture<Module> toJavaScript(String fileName, Bytes source) {
    var key = new ModuleCache.Key(Syntax.ofName(fileName), ContentId.of(source));
    var known = cache.get(key);
    var outcome =
        known.isPresent() ? CompletableFuture.completedFuture(known.get()) : started(key, source);
    return outcome.thenApply(
        found ->
            switch (found) {
              case Outcome.Compiled(var module) -> module;
              case Outcome.Refused(var error) -> throw error.in(fileName);
              case Outcome.Exhausted(var sentence) ->
                  throw AppsException.of(
                          ErrorCode.TRANSFORM_FAILED, fileName + " cannot be compiled: " + sentence)
                      .with("file", fileName);
            });
  }

  private CompletableFuture<Outcome> started(ModuleCache.Key key, Bytes source) {
    var fresh = new CompletableFuture<Outcome>();
    var other = running.putIfAbsent(key, fresh);
    if (other != null) {
      return other;
    }
    VIRTUAL.execute(
        () -> {
          // A source that comes after the end of this run starts its own.
          try {
            var outcome = transform(key, source);
            running.remove(key);
            fresh.complete(outcome);
          } catch (RuntimeException | Error e) {
            running.remove(key);
            fresh.completeExceptionally(e);
          }
        });
    return fresh;
  }

  private Outcome transform(ModuleCache.Key key, Bytes source) {
    if (!pending.tryAcquire()) {
      throw busy();
    }
    try {
      return source.length() > AppLimits.TRANSFORM_LARGE_BYTES
          ? inTurn(large, () -> inTurn(processes, () -> run(key, source)))
          : inTurn(processes, () -> run(key, source));
    } finally {
      pending.release();
    }
  }

  /** Runs some work when a permit is free. */
  private static Outcome inTurn(Semaphore permits, Supplier<Outcome> work) {
    try {
      if (!permits.tryAcquire(AppLimits.TRANSFORM_WAIT_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
        throw busy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    }
    try {
      return work.get();
    } finally {
      permits.release();
    }
  }

  private Outcome run(ModuleCache.Key key, Bytes source) {
    if (!Files.isExecutable(binary)) {
      throw unavailable("esbuild is missing: " + binary + " is no program");
    }
    var result = EsbuildProcess.run(binary, key.syntax().arguments(), source, times.source());
    return switch (result) {
      case Result.Ended(var status, var output, _) when status == 0 -> {
        failure = null;
        var outcome = new Outcome.Compiled(new Module(output, ImportScan.of(output.toUtf8())));
        cache.put(key, outcome);
        yield outcome;
      }
      case Result.Ended(_, _, var errors) -> {
        var error = CompileError.parse(errors, source);
        if (error.isEmpty()) {
          yield exhausted(result);
        }
        failure = null;
        var outcome = new Outcome.Refused(error.get());
        cache.put(key, outcome);
        yield outcome;
      }
      case Result.TimedOut _, Result.WroteTooMuch _, Result.NotStarted _ -> exhausted(result);
    };
  }

  /**
   * Finds out whether the source or the binary is at fault.
   *
   * @throws AppsException {@code unavailable} if the binary is
   */
  private Outcome exhausted(Result result) {
    var trivial = EsbuildProcess.run(binary, Syntax.MODULE.arguments(), TRIVIAL, times.trivial());
    if (!(trivial instanceof Result.Ended(var status, _, _) && status == 0)) {
      throw unavailable("esbuild does not run: " + sentence(trivial));
    }
    failure = null;
    return new Outcome.Exhausted(sentence(result));
  }

  private String sentence(Result result) {
    return switch (result) {
      case Result.TimedOut _ ->
          "the compiler took longer than " + times.source().toMillis() + " ms";
      case Result.WroteTooMuch _ ->
          "the result has more than " + AppLimits.TRANSFORM_OUTPUT_BYTES_MAX + " bytes";
      case Result.NotStarted _ -> "the compiler could not be started";
      case Result.Ended(var status, _, _) ->
          "the compiler ended with status " + status + ", usually because it had too little memory";
    };
  }

  /** The operator reads the reason in the log and in the health check, the client does not. */
  private AppsException unavailable(String reason) {
    if (!reason.equals(failure)) {
      LOG.error("{}; JSX and TypeScript cannot be deployed", reason);
      failure = reason;
    }
    return AppsException.of(
        ErrorCode.UNAVAILABLE,
        "this server cannot compile JSX and TypeScript at the moment; JavaScript and HTML can be"
            + " deployed");
  }

  private static AppsException busy() {
    return AppsException.of(
        ErrorCode.UNAVAILABLE,
        "too many sources wait for the compiler at the moment; nothing was stored; try again later");
  }
}
