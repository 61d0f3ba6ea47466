package dev.parlor.room.http;

/**
 * Ends a request with a {@link ProblemDetail}. Endpoints throw it; {@link Endpoints} sends the
 * reply.
 */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ProblemDetail problem;

  ProblemException(ProblemDetail problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  ProblemDetail problem() {
    return problem;
  }
}
