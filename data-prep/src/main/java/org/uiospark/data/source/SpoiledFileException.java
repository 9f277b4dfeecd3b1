package org.uiospark.data.source;

import java.io.IOException;

/** An input file that is not what its name says; reading it again would not mend it. */
public final class SpoiledFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String kind;

  /**
   * @param kind what is wrong in a few words, the same for all such files
   * @param message why, with what to do
   */
  SpoiledFileException(String path, String kind, String message, Throwable cause) {
    super(message, cause);
    this.path = path;
    this.kind = kind;
  }

  /** The file. */
  public String path() {
    return path;
  }

  /** What is wrong in a few words, the same for all such files. */
  public String kind() {
    return kind;
  }
}
