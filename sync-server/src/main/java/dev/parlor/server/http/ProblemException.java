package dev.parlor.server.http;

/** Ends a request with a {@link Problem}; thrown by endpoints, answered by {@link Endpoints}. */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  ProblemException(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
