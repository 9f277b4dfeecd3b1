package org.uiospark.jobs.serve;

/** A request that is not done, and what its sender is told. */
final class Refusal extends RuntimeException {
  static final int BAD_REQUEST = 400;
  static final int UNAUTHORIZED = 401;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int NOT_ALLOWED = 405;
  static final int TIMED_OUT = 408;
  static final int CONFLICT = 409;
  static final int TOO_LARGE = 413;
  static final int TOO_MANY = 429;
  static final int BROKEN = 500;
  static final int STOPPING = 503;

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  /**
   * @param status of HTTP
   * @param code a word for programs
   * @param message for people
   */
  Refusal(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  static Refusal badRequest(String message) {
    return new Refusal(BAD_REQUEST, "invalid_request", message);
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  /** OpenAI's kinds of errors. */
  String type() {
    return switch (status) {
      case UNAUTHORIZED -> "authentication_error";
      case TOO_MANY -> "rate_limit_error";
      case BROKEN, STOPPING -> "server_error";
      default -> "invalid_request_error";
    };
  }
}
